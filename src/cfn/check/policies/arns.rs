//! Whether an ARN in a policy, with wildcards and intrinsics in it, can ever name a resource of a kind.

use std::collections::BTreeMap;

use serde_json::Value as JsonValue;

use crate::iam::ResourceType;
use crate::iam::actions::{dynamodb, ecr, ecs, iam, kms, lambda, logs, s3, secretsmanager, sns, sqs, states};
use crate::intrinsic::intrinsic_key;

/// A piece of a text that is not wholly known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// This character.
    Is(char),
    /// Any one character.
    One,
    /// Any one character but this.
    OneBut(char),
    /// Any text.
    Any,
    /// Any text without this character.
    Without(char),
}

/// Colons before the part of an ARN that names the resource.
const FIELDS: usize = 5;

/// What `Fn::GetAtt` (or `Ref`, as the attribute "") of a type yields, where that is an ARN.
const ATTRIBUTES: &[(&str, &str, &ResourceType, &str)] = &[
    ("AWS::DynamoDB::Table", "Arn", &dynamodb::on::TABLE, ""),
    ("AWS::DynamoDB::Table", "StreamArn", &dynamodb::on::STREAM, ""),
    ("AWS::ECR::Repository", "Arn", &ecr::on::REPOSITORY, ""),
    ("AWS::ECS::Cluster", "Arn", &ecs::on::CLUSTER, ""),
    ("AWS::ECS::Service", "", &ecs::on::SERVICE, ""),
    ("AWS::ECS::TaskDefinition", "", &ecs::on::TASK_DEFINITION, ""),
    ("AWS::IAM::Role", "Arn", &iam::on::ROLE, ""),
    ("AWS::KMS::Key", "Arn", &kms::on::KEY, ""),
    ("AWS::Lambda::Function", "Arn", &lambda::on::FUNCTION, ""),
    ("AWS::Logs::LogGroup", "Arn", &logs::on::LOG_GROUP, ":*"),
    ("AWS::S3::Bucket", "Arn", &s3::on::BUCKET, ""),
    ("AWS::SNS::Topic", "", &sns::on::TOPIC, ""),
    ("AWS::SNS::Topic", "TopicArn", &sns::on::TOPIC, ""),
    ("AWS::SQS::Queue", "Arn", &sqs::on::QUEUE, ""),
    ("AWS::SecretsManager::Secret", "", &secretsmanager::on::SECRET, ""),
    ("AWS::StepFunctions::StateMachine", "", &states::on::STATEMACHINE, ""),
    ("AWS::StepFunctions::StateMachine", "Arn", &states::on::STATEMACHINE, ""),
];

/// The tokens of a kind's ARN pattern (`arn:${Partition}:s3:::${BucketName}/${ObjectName}`).
pub(super) fn of_pattern(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        text(before, &mut tokens);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        match name {
            // Never empty: an ARN without a region (`arn:aws:s3:::name`) is of another kind.
            "Partition" | "Region" => tokens.extend([Token::OneBut(':'), Token::Without(':')]),
            // Empty where AWS owns the resource (`arn:aws:ssm:us-east-1::parameter/aws/service/...`).
            "Account" => tokens.push(Token::Without(':')),
            // Names that cannot hold a slash tell a bucket from its objects and a table from its indexes.
            "BucketName" | "TableName" => tokens.push(Token::Without('/')),
            _ => tokens.push(Token::Any),
        }
        rest = after;
    }
    text(rest, &mut tokens);
    tokens
}

/// The tokens of a resource in a policy. What an intrinsic yields is any text, unless its type tells.
pub(super) fn of_value(value: &JsonValue, types: &BTreeMap<&str, &str>) -> Vec<Token> {
    let mut tokens = Vec::new();
    append(value, types, &mut tokens);
    tokens
}

fn append(value: &JsonValue, types: &BTreeMap<&str, &str>, tokens: &mut Vec<Token>) {
    if let Some(literal) = value.as_str() {
        return text(literal, tokens);
    }
    match intrinsic_key(value) {
        Some(("Ref", name)) => reference(name.as_str().unwrap_or_default(), types, tokens),
        Some(("Fn::GetAtt", argument)) => {
            let step = |index: usize| argument.get(index).and_then(JsonValue::as_str).unwrap_or_default();
            attribute(step(0), step(1), types, tokens);
        }
        Some(("Fn::Sub", argument)) => substitution(argument, types, tokens),
        Some(("Fn::Join", argument)) => joined(argument, types, tokens),
        _ => tokens.push(Token::Any),
    }
}

/// Text in which `*` and `?` are IAM's wildcards; a wildcard within a field of an ARN stays within it.
fn text(literal: &str, tokens: &mut Vec<Token>) {
    let length = literal.chars().count();
    for (index, c) in literal.chars().enumerate() {
        let colons = tokens.iter().filter(|token| **token == Token::Is(':')).count();
        tokens.push(match c {
            '*' if colons < FIELDS && index + 1 < length => Token::Without(':'),
            '*' => Token::Any,
            '?' => Token::One,
            other => Token::Is(other),
        });
    }
}

fn reference(name: &str, types: &BTreeMap<&str, &str>, tokens: &mut Vec<Token>) {
    match types.get(name) {
        _ if name.starts_with("AWS::") => tokens.push(Token::Without(':')),
        Some(&"AWS::S3::Bucket") => tokens.push(Token::Without('/')),
        _ => attribute(name, "", types, tokens),
    }
}

fn attribute(id: &str, name: &str, types: &BTreeMap<&str, &str>, tokens: &mut Vec<Token>) {
    let of = types.get(id).copied().unwrap_or_default();
    match ATTRIBUTES.iter().find(|(resource, attribute, ..)| *resource == of && *attribute == name) {
        Some((_, _, kind, suffix)) => {
            tokens.extend(of_pattern(kind.arn));
            text(suffix, tokens);
        }
        None => tokens.push(Token::Any),
    }
}

fn substitution(argument: &JsonValue, types: &BTreeMap<&str, &str>, tokens: &mut Vec<Token>) {
    let template = argument.as_str().or_else(|| argument.get(0)?.as_str()).unwrap_or_default();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        text(before, tokens);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        match argument.get(1).and_then(|own| own.get(name)) {
            Some(own) => append(own, types, tokens),
            None => match (name.strip_prefix('!'), name.split_once('.')) {
                // `${!Name}` stands for `${Name}` itself: a policy variable, filled in with each request.
                (Some(_), _) => tokens.push(Token::Any),
                (None, Some((id, name))) => attribute(id, name, types, tokens),
                (None, None) => reference(name, types, tokens),
            },
        }
        rest = after;
    }
    text(rest, tokens);
}

fn joined(argument: &JsonValue, types: &BTreeMap<&str, &str>, tokens: &mut Vec<Token>) {
    let delimiter = argument.get(0).and_then(JsonValue::as_str).unwrap_or_default();
    let Some(parts) = argument.get(1).and_then(JsonValue::as_array) else {
        tokens.push(Token::Any);
        return;
    };
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            text(delimiter, tokens);
        }
        append(part, types, tokens);
    }
}

/// Whether some text fits both: the classic table over pairs of positions, row by row from the ends.
pub(super) fn overlap(one: &[Token], other: &[Token]) -> bool {
    let mut below = vec![false; other.len() + 1];
    for row in (0..=one.len()).rev() {
        let mut current = vec![false; other.len() + 1];
        for column in (0..=other.len()).rev() {
            let (left, right) = (one.get(row), other.get(column));
            current[column] = match (left, right) {
                (None, None) => true,
                (Some(left), _) if open(*left) => {
                    below[column] || right.is_some_and(|right| covers(*left, *right) && current[column + 1])
                }
                (_, Some(right)) if open(*right) => {
                    current[column + 1] || left.is_some_and(|left| covers(*right, *left) && below[column])
                }
                (Some(left), Some(right)) => same(*left, *right) && below[column + 1],
                _ => false,
            };
        }
        below = current;
    }
    below[0]
}

const fn open(token: Token) -> bool {
    matches!(token, Token::Any | Token::Without(_))
}

/// Whether one character fits both of two tokens for one character.
fn same(one: Token, other: Token) -> bool {
    match (one, other) {
        (Token::Is(one), Token::Is(other)) => one == other,
        (Token::Is(c), Token::OneBut(banned)) | (Token::OneBut(banned), Token::Is(c)) => c != banned,
        _ => true,
    }
}

/// Whether an open token can stand for the other one.
fn covers(open: Token, other: Token) -> bool {
    !matches!((open, other), (Token::Without(banned), Token::Is(c)) if banned == c)
}

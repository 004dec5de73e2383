//! Resolves a template's intrinsics to plausible literals, for linters that read plain documents only.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

const ACCOUNT: &str = "123456789012";

/// What an ARN of a resource type looks like: service and resource part, with `{}` for the name.
const ARNS: &[(&str, &str)] = &[
    ("AWS::ApiGateway::RestApi", "apigateway:{region}::/restapis/{}"),
    (
        "AWS::AutoScaling::AutoScalingGroup",
        "autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/{}",
    ),
    ("AWS::Cognito::UserPool", "cognito-idp:{region}:{account}:userpool/{}"),
    ("AWS::DynamoDB::Table", "dynamodb:{region}:{account}:table/{}"),
    ("AWS::ECR::Repository", "ecr:{region}:{account}:repository/{}"),
    ("AWS::ECS::Cluster", "ecs:{region}:{account}:cluster/{}"),
    ("AWS::ECS::TaskDefinition", "ecs:{region}:{account}:task-definition/{}:1"),
    (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "elasticloadbalancing:{region}:{account}:loadbalancer/app/{}/1",
    ),
    ("AWS::Events::Rule", "events:{region}:{account}:rule/{}"),
    ("AWS::IAM::ManagedPolicy", "iam::{account}:policy/{}"),
    ("AWS::IAM::Role", "iam::{account}:role/{}"),
    ("AWS::KMS::Key", "kms:{region}:{account}:key/{}"),
    ("AWS::Lambda::Function", "lambda:{region}:{account}:function:{}"),
    ("AWS::Logs::LogGroup", "logs:{region}:{account}:log-group:{}:*"),
    ("AWS::OpenSearchService::Domain", "es:{region}:{account}:domain/{}"),
    ("AWS::RDS::DBCluster", "rds:{region}:{account}:cluster:{}"),
    ("AWS::RDS::DBInstance", "rds:{region}:{account}:db:{}"),
    ("AWS::S3::Bucket", "s3:::{}"),
    ("AWS::SNS::Topic", "sns:{region}:{account}:{}"),
    ("AWS::SQS::Queue", "sqs:{region}:{account}:{}"),
    ("AWS::SSM::Parameter", "ssm:{region}:{account}:parameter/{}"),
    ("AWS::SecretsManager::Secret", "secretsmanager:{region}:{account}:secret:{}-a1b2c3"),
    ("AWS::StepFunctions::StateMachine", "states:{region}:{account}:stateMachine:{}"),
];

/// Types whose `Ref` is an ARN.
const REF_IS_ARN: &[&str] = &[
    "AWS::ECS::TaskDefinition",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::IAM::ManagedPolicy",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
];

/// Resolves the intrinsics of one template, as if it were deployed in `us-east-1`.
#[derive(Debug)]
pub struct Resolver<'a> {
    template: &'a Value,
    /// Values of Systems Manager parameters that other stacks write, by name.
    published: &'a BTreeMap<String, Value>,
}

impl<'a> Resolver<'a> {
    /// For values of this template, which may read what other stacks publish.
    pub fn new(template: &'a Value, published: &'a BTreeMap<String, Value>) -> Self {
        Self { template, published }
    }

    /// The Systems Manager parameters that this template writes, by name.
    pub fn published(&self) -> BTreeMap<String, Value> {
        let resources = self.template["Resources"].as_object().into_iter().flatten();
        let parameters = resources.filter(|(_, resource)| resource["Type"] == "AWS::SSM::Parameter");
        let pairs = parameters.filter_map(|(_, resource)| {
            let properties = &resource["Properties"];
            let name = self.resolve(&properties["Name"]).as_str()?.to_owned();
            Some((name, self.resolve(&properties["Value"])))
        });
        pairs.collect()
    }

    /// The value with every intrinsic replaced. A condition is taken to hold.
    pub fn resolve(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => {
                items.iter().map(|item| self.resolve(item)).filter(|item| !item.is_null()).collect()
            }
            Value::Object(fields) => self.intrinsic(fields).unwrap_or_else(|| {
                Value::Object(
                    fields.iter().map(|(name, field)| (name.clone(), self.resolve(field))).collect(),
                )
            }),
            literal => literal.clone(),
        }
    }

    fn intrinsic(&self, fields: &Map<String, Value>) -> Option<Value> {
        let (name, argument) = fields.iter().next().filter(|_| fields.len() == 1)?;
        match name.as_str() {
            "Ref" => Some(self.reference(argument.as_str()?)),
            "Fn::GetAtt" => Some(json!(self.attribute(&attribute_path(argument)?))),
            "Fn::Sub" => Some(json!(self.substitute(argument)?)),
            "Fn::Join" => Some(json!(self.join(argument)?)),
            "Fn::If" => Some(self.resolve(argument.get(1)?)),
            "Fn::Select" => {
                let index = argument.get(0)?;
                let index = index.as_u64().or_else(|| index.as_str()?.parse().ok())?;
                self.resolve(argument.get(1)?).get(usize::try_from(index).ok()?).cloned()
            }
            "Fn::Split" => {
                let text = self.resolve(argument.get(1)?);
                let parts = text.as_str()?.split(argument.get(0)?.as_str()?);
                Some(parts.collect())
            }
            _ => None,
        }
    }

    fn reference(&self, id: &str) -> Value {
        let pseudo = match id {
            "AWS::Partition" => "aws",
            "AWS::Region" => "us-east-1",
            "AWS::AccountId" => ACCOUNT,
            "AWS::URLSuffix" => "amazonaws.com",
            "AWS::StackName" => "stack",
            "AWS::StackId" => "arn:aws:cloudformation:us-east-1:123456789012:stack/stack/1",
            "AWS::NoValue" => return Value::Null,
            _ => "",
        };
        if !pseudo.is_empty() {
            return json!(pseudo);
        }
        if let Some(parameter) = self.template["Parameters"].get(id) {
            return self.parameter(id, parameter);
        }
        match self.type_of(id) {
            Some(kind) if REF_IS_ARN.contains(&kind) => json!(arn(kind, id)),
            _ => json!(id.to_lowercase()),
        }
    }

    /// The published value, if the template parameter reads one.
    fn parameter(&self, id: &str, parameter: &Value) -> Value {
        let value = parameter["Default"].as_str().and_then(|name| self.published.get(name)).cloned();
        let value = value.unwrap_or_else(|| json!(format!("parameter-{}", id.to_lowercase())));
        let kind = parameter["Type"].as_str().unwrap_or_default();
        match value.as_str() {
            Some(text) if kind.contains("List<") => text.split(',').collect(),
            _ => value,
        }
    }

    /// The value of `Id.Attribute`.
    fn attribute(&self, path: &str) -> String {
        let (id, attribute) = path.split_once('.').unwrap_or((path, ""));
        match self.type_of(id) {
            Some(_) if attribute.ends_with("SecretArn") => arn("AWS::SecretsManager::Secret", id),
            Some(kind) if attribute.ends_with("Arn") => arn(kind, id),
            _ => format!("{}-{}", id.to_lowercase(), attribute.to_lowercase()),
        }
    }

    fn type_of(&self, id: &str) -> Option<&'a str> {
        self.template["Resources"].get(id)?.get("Type")?.as_str()
    }

    fn substitute(&self, argument: &Value) -> Option<String> {
        let (text, variables) = match argument {
            Value::String(text) => (text.as_str(), None),
            other => (other.get(0)?.as_str()?, other.get(1)),
        };
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}')?;
            resolved.push_str(before);
            resolved.push_str(&self.variable(name, variables));
            rest = after;
        }
        resolved.push_str(rest);
        Some(resolved)
    }

    fn variable(&self, name: &str, variables: Option<&Value>) -> String {
        if let Some(literal) = name.strip_prefix('!') {
            return format!("${{{literal}}}");
        }
        if let Some(value) = variables.and_then(|variables| variables.get(name)) {
            return text(&self.resolve(value));
        }
        if name.contains('.') { self.attribute(name) } else { text(&self.reference(name)) }
    }

    fn join(&self, argument: &Value) -> Option<String> {
        let separator = argument.get(0)?.as_str()?;
        let items = self.resolve(argument.get(1)?);
        Some(items.as_array()?.iter().map(text).collect::<Vec<_>>().join(separator))
    }
}

fn attribute_path(argument: &Value) -> Option<String> {
    match argument {
        Value::String(path) => Some(path.clone()),
        parts => Some(format!("{}.{}", parts.get(0)?.as_str()?, parts.get(1)?.as_str()?)),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// An ARN for a resource. A type without a known look gets one that no linter accepts, so that it is noticed.
fn arn(kind: &str, id: &str) -> String {
    let look = ARNS.iter().find(|(known, _)| *known == kind).map_or("unknown", |(_, look)| *look);
    let filled =
        look.replace("{region}", "us-east-1").replace("{account}", ACCOUNT).replace("{}", &id.to_lowercase());
    format!("arn:aws:{filled}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::Resolver;

    #[test]
    fn intrinsics_become_literals() {
        let template = json!({ "Resources": {
            "Table": { "Type": "AWS::DynamoDB::Table" },
            "Bucket": { "Type": "AWS::S3::Bucket" },
        } });
        let nothing = BTreeMap::new();
        let resolver = Resolver::new(&template, &nothing);
        for (value, expected) in [
            (json!({ "Ref": "Bucket" }), json!("bucket")),
            (
                json!({ "Fn::GetAtt": ["Table", "Arn"] }),
                json!("arn:aws:dynamodb:us-east-1:123456789012:table/table"),
            ),
            (
                json!({ "Fn::Sub": "${Bucket.Arn}/${!x}/${AWS::Region}" }),
                json!("arn:aws:s3:::bucket/${x}/us-east-1"),
            ),
            (json!({ "Fn::Sub": ["${a}-b", { "a": { "Ref": "Bucket" } }] }), json!("bucket-b")),
            (json!({ "Fn::Join": ["/", ["a", { "Ref": "AWS::Partition" }]] }), json!("a/aws")),
            (json!({ "Fn::Select": [1, { "Fn::Split": [",", "a,b"] }] }), json!("b")),
            (json!([{ "Ref": "AWS::NoValue" }, "a"]), json!(["a"])),
        ] {
            assert_eq!(resolver.resolve(&value), expected, "{value}");
        }
    }

    #[test]
    fn a_parameter_has_the_value_that_another_stack_publishes() {
        let producer = json!({ "Resources": {
            "Key": { "Type": "AWS::KMS::Key" },
            "KeyParameter": {
                "Type": "AWS::SSM::Parameter",
                "Properties": { "Name": "/key", "Value": { "Fn::GetAtt": ["Key", "Arn"] } },
            },
        } });
        let published = Resolver::new(&producer, &BTreeMap::new()).published();
        let consumer = json!({ "Parameters": {
            "Key": { "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/key" },
        } });
        let key = Resolver::new(&consumer, &published).resolve(&json!({ "Ref": "Key" }));
        assert_eq!(key, "arn:aws:kms:us-east-1:123456789012:key/key");
    }
}

//! Policy documents, wherever a template holds them, as statements that rules can read.

use serde_json::Value;

use crate::leaf::Leaf;
use crate::text::texts;
use crate::world::{Index, Resource, World, leaf_texts};

/// What kind of document a statement stands in, for the same words mean different things.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Document {
    /// What a role, user or group may do.
    Identity,
    /// Who may assume a role.
    Trust,
    /// Who may use a resource.
    Resource,
    /// Who may use a KMS key; `*` means this key there.
    Key,
    /// What may pass a VPC endpoint; it grants nothing.
    Endpoint,
}

/// One statement.
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    pub(crate) document: Document,
    /// The resource that holds the document.
    pub(crate) holder: Index,
    /// Where in the holder's properties.
    pub(crate) path: String,
    pub(crate) allows: bool,
    pub(crate) actions: Vec<String>,
    /// `NotAction` instead of `Action`.
    pub(crate) not_action: bool,
    pub(crate) resources: Vec<String>,
    /// `NotResource` instead of `Resource`.
    pub(crate) not_resource: bool,
    /// `("Service", "ecs-tasks.amazonaws.com")`; `("*", "*")` for everybody.
    pub(crate) principals: Vec<(&'a str, String)>,
    /// `(operator, key, values)`, the key in lower case.
    pub(crate) conditions: Vec<(&'a str, String, Vec<String>)>,
}

impl Statement<'_> {
    /// The condition on a key, given in lower case, if there is one.
    pub(crate) fn condition(&self, key: &str) -> Option<&(&str, String, Vec<String>)> {
        self.conditions.iter().find(|(_, found, _)| found == key)
    }

    /// Whether everybody is meant.
    pub(crate) fn is_anyone(&self) -> bool {
        self.principals.iter().any(|(_, name)| name == "*")
    }

    /// Whether it refuses everything to everybody who comes without TLS.
    pub(crate) fn refuses_plain_text(&self) -> bool {
        let plain = self.condition("aws:securetransport").is_some_and(|(operator, _, values)| {
            *operator == "Bool" && values.iter().all(|value| value == "false")
        });
        // A topic's policy takes no wildcard of the whole service; publishing is what carries data.
        let carries = |action: &String| {
            action == "*" || action.ends_with(":*") || action.eq_ignore_ascii_case("sns:Publish")
        };
        let everything = self.actions.iter().any(carries);
        !self.allows && plain && everything && self.is_anyone() && self.conditions.len() == 1
    }
}

/// Where documents are held: resource type, path, kind.
const PLACES: &[(&str, &str, Document)] = &[
    ("AWS::IAM::Role", "AssumeRolePolicyDocument.Statement[]", Document::Trust),
    ("AWS::IAM::Role", "Policies[].PolicyDocument.Statement[]", Document::Identity),
    ("AWS::IAM::User", "Policies[].PolicyDocument.Statement[]", Document::Identity),
    ("AWS::IAM::Group", "Policies[].PolicyDocument.Statement[]", Document::Identity),
    ("AWS::IAM::Policy", "PolicyDocument.Statement[]", Document::Identity),
    ("AWS::IAM::RolePolicy", "PolicyDocument.Statement[]", Document::Identity),
    ("AWS::IAM::ManagedPolicy", "PolicyDocument.Statement[]", Document::Identity),
    ("AWS::S3::BucketPolicy", "PolicyDocument.Statement[]", Document::Resource),
    ("AWS::SQS::QueuePolicy", "PolicyDocument.Statement[]", Document::Resource),
    ("AWS::SNS::TopicPolicy", "PolicyDocument.Statement[]", Document::Resource),
    ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy.Statement[]", Document::Resource),
    ("AWS::ECR::Repository", "RepositoryPolicyText.Statement[]", Document::Resource),
    ("AWS::OpenSearchService::Domain", "AccessPolicies.Statement[]", Document::Resource),
    ("AWS::Events::EventBusPolicy", "Statement[]", Document::Resource),
    ("AWS::EFS::FileSystem", "FileSystemPolicy.Statement[]", Document::Resource),
    ("AWS::KMS::Key", "KeyPolicy.Statement[]", Document::Key),
    ("AWS::EC2::VPCEndpoint", "PolicyDocument.Statement[]", Document::Endpoint),
];

/// Every statement in the documents that a resource holds. An unknown statement (a parameter, say) is one that
/// allows `${?}`, which no rule takes for harmless.
pub(crate) fn statements<'a>(world: &World<'a>, resource: &Resource<'a>) -> Vec<Statement<'a>> {
    let mut found = Vec::new();
    for (kind, path, document) in PLACES {
        if *kind == resource.kind {
            resource.each(world, path, |trail, leaf| {
                found.push(statement(world, resource, leaf, *document, trail.to_string()));
            });
        }
    }
    found
}

fn statement<'a>(
    world: &World<'a>,
    resource: &Resource<'a>,
    leaf: Leaf<'a>,
    document: Document,
    path: String,
) -> Statement<'a> {
    let body = match leaf {
        Leaf::Literal(body) => body,
        Leaf::Reference(_) | Leaf::Parameter(_) | Leaf::Missing => &Value::Null,
    };
    let list = |key: &'static str| -> Vec<String> {
        resource.leaves_of(world, body, key).into_iter().flat_map(leaf_texts).collect()
    };
    let unknown = body.is_null();
    Statement {
        document,
        holder: resource.index,
        path,
        allows: list("Effect") != ["Deny"],
        actions: if unknown {
            vec!["${?}".to_owned()]
        } else {
            list("Action").into_iter().chain(list("NotAction")).collect()
        },
        not_action: body.get("NotAction").is_some(),
        resources: list("Resource").into_iter().chain(list("NotResource")).collect(),
        not_resource: body.get("NotResource").is_some(),
        principals: principals(body.get("Principal")),
        conditions: conditions(body.get("Condition")),
    }
}

fn principals(value: Option<&Value>) -> Vec<(&str, String)> {
    match value {
        Some(Value::Object(map)) if !map.keys().any(|key| key == "Ref" || key.starts_with("Fn::")) => map
            .iter()
            .flat_map(|(kind, names)| texts(names).into_iter().map(move |name| (kind.as_str(), name)))
            .collect(),
        Some(value) => texts(value).into_iter().map(|name| ("*", name)).collect(),
        None => Vec::new(),
    }
}

/// A condition under `Fn::If` is not counted on: the other branch may have none.
fn conditions(value: Option<&Value>) -> Vec<(&str, String, Vec<String>)> {
    let Some(Value::Object(operators)) = value else {
        return Vec::new();
    };
    operators
        .iter()
        .filter(|(operator, _)| !operator.starts_with("Fn::") && *operator != "Ref")
        .flat_map(|(operator, keys)| {
            keys.as_object().into_iter().flatten().map(move |(key, values)| (operator, key, values))
        })
        .map(|(operator, key, values)| (operator.as_str(), key.to_ascii_lowercase(), texts(values)))
        .collect()
}

//! `config.yaml.example`: a complete deployment, every other key beside it with its default, each with its meaning.
//!
//! Values come from two small YAML files, meanings and defaults from the schema, so that the example cannot tell
//! anything but what the types say.

use crate::report::Report;
use crate::schema::{resolve, schema, solid};
use crate::section::roles::ROLE_KEYS;
use crate::tree::{Content, Entry, Node};
use crate::yaml;
use serde_json::Value;

/// Keys of the top level by theme; a test makes sure that none is left out.
const LAYOUT: &[(&str, &[&str])] = &[
    (
        "The deployment",
        &[
            "accountNumber",
            "region",
            "deploymentName",
            "deploymentStage",
            "appName",
            "deploymentPrefix",
            "profile",
            "s3BucketModels",
            "removalPolicy",
            "securityProfile",
            "logLevel",
            "alarmEmail",
            "tags",
        ],
    ),
    ("Who may use it", &["authConfig"]),
    ("What is deployed", &["deployServe", "deployChat", "deployUi", "deployRag"]),
    ("The serve API", &["restApiConfig"]),
    ("Models", &["ecsModels", "litellmConfig"]),
    ("Documents", &["ragRepositories", "ragFileProcessingConfig"]),
    ("The web page", &["apiGatewayConfig", "corsAllowedOrigins", "systemBanner", "webAppAssetsPath"]),
    ("The network", &["vpcId", "subnets", "maxAzs", "securityGroupConfig", "privateEndpoints"]),
    (
        "What an organisation prescribes",
        &[
            "roles",
            "permissionsBoundaryAspect",
            "assetBucket",
            "bootstrapQualifier",
            "bootstrapRolePrefix",
            "imageRepositoryPrefix",
            "certificateAuthorityBundle",
            "policyWaivers",
        ],
    ),
    (
        "Images and hosts",
        &["accountNumbersEcr", "pypiConfig", "condaUrl", "nvmeHostMountPath", "nvmeContainerMountPath"],
    ),
];

/// Other spellings of keys, and keys that follow from others: accepted, not shown.
const HIDDEN: &[&str] = &[
    "partition",
    "domain",
    "AlbMetricName",
    "imageConfig",
    "db_key",
    "apiVersion",
    "liteLlmDbSecurityGroupId",
    "restApiConfig.sslCertIamArn",
    "restApiConfig.domainName",
    "containerConfig.baseImage",
    "ecsModels.baseImage",
];

/// The annotated example of a config file. [`crate::load()`] accepts it as it is.
pub fn example() -> String {
    let root = schema();
    let mut page = Page { root: &root, text: String::new() };
    page.text.push_str(HEAD);
    let (set, unset) = (sample(include_str!("example/set.yaml")), sample(include_str!("example/unset.yaml")));
    for (theme, keys) in LAYOUT {
        page.write(&["\n# --- ", theme, " ", &"-".repeat(72_usize.saturating_sub(theme.len())), "\n"]);
        for key in *keys {
            page.text.push('\n');
            page.property(
                &root["$defs"]["Environment"],
                key,
                set.entry(key),
                unset.entry(key),
                Position::default(),
            );
        }
    }
    page.text
}

const HEAD: &str = "# yaml-language-server: $schema=schemas/config.schema.json
#
# A complete LISA deployment. Copy it to config.yaml and change what is yours: at least accountNumber,
# s3BucketModels, authConfig and the certificate. What starts with `#` and no space is optional and shows its default
# or a sample. `lisa validate` explains what is wrong; `lisa schema` prints the JSON Schema that editors use.
";

/// A sample as a tree; one that cannot be read would show as an example without values, which a test refuses.
fn sample(text: &str) -> Node {
    yaml::parse(text, &mut Report::new(text)).unwrap_or_else(|| Node::given(""))
}

/// Where on the page a key is written.
#[derive(Debug, Clone, Copy, Default)]
struct Position<'p> {
    indent: usize,
    /// The first key of a list item stands behind its dash.
    dash: bool,
    /// Below a key that is commented out.
    off: bool,
    /// A second item of a list: without meanings and unset keys.
    again: bool,
    /// Key of the mapping that this one is in.
    owner: &'p str,
}

struct Page<'r> {
    root: &'r Value,
    text: String,
}

impl Page<'_> {
    fn write(&mut self, parts: &[&str]) {
        for part in parts {
            self.text.push_str(part);
        }
    }

    /// One key of a mapping: meaning, then key and value, commented out unless it is set.
    fn property(
        &mut self,
        owner: &Value,
        key: &str,
        set: Option<&Entry>,
        unset: Option<&Entry>,
        at: Position<'_>,
    ) {
        let schema = &owner["properties"][key];
        if !at.again {
            self.meaning(schema, at);
        }
        let at = Position { off: at.off || set.is_none(), ..at };
        let default = || schema.get("default").map(from_json);
        let node = set.or(unset).map(|entry| entry.value.clone()).or_else(default);
        self.begin(at);
        self.text.push_str(&yaml::scalar(&Value::from(key)));
        self.text.push(':');
        let rest = unset.filter(|_| set.is_some()).map(|entry| &entry.value);
        self.value(schema, node.as_ref(), rest, Position { dash: false, owner: key, ..at });
    }

    fn value(&mut self, schema: &Value, node: Option<&Node>, unset: Option<&Node>, at: Position<'_>) {
        let schema = solid(self.root, schema);
        match node.map(|node| &node.content) {
            None | Some(Content::Null) => self.text.push('\n'),
            Some(Content::Map(entries)) if !entries.is_empty() || has_keys(schema) => {
                self.text.push('\n');
                let at = Position { indent: at.indent + 2, ..at };
                self.mapping(schema, entries, unset, at);
            }
            Some(Content::List(items))
                if items.iter().any(|item| matches!(item.content, Content::Map(_))) =>
            {
                self.text.push('\n');
                let item_schema = solid(self.root, &schema["items"]);
                for (index, item) in items.iter().enumerate() {
                    let at =
                        Position { indent: at.indent + 2, dash: true, again: at.again || index > 0, ..at };
                    self.mapping(item_schema, item.entries(), None, at);
                }
            }
            Some(_) => {
                let json = node.map(Node::to_json).unwrap_or_default();
                self.write(&[" ", &yaml::scalar(&json), "\n"]);
            }
        }
    }

    /// The keys of a mapping: those that are set in their order, then the others.
    fn mapping(&mut self, schema: &Value, entries: &[Entry], unset: Option<&Node>, at: Position<'_>) {
        let owner = self.alternative(schema, entries).clone();
        let mut at = at;
        for entry in entries {
            self.property(&owner, &entry.key, Some(entry), unset.and_then(|node| node.entry(&entry.key)), at);
            if at.dash {
                at = Position { dash: false, indent: at.indent + 2, ..at };
            }
        }
        let properties = owner["properties"].as_object().cloned().unwrap_or_default();
        let others = properties.iter().filter(|(key, schema)| {
            let hidden =
                HIDDEN.contains(&key.as_str()) || HIDDEN.contains(&format!("{}.{key}", at.owner).as_str());
            let unused = ROLE_KEYS.iter().any(|(role, used)| role == key && !used);
            !hidden
                && !unused
                && schema.get("x-retired").is_none()
                && entries.iter().all(|entry| entry.key != **key)
        });
        for (key, _) in others.filter(|_| !at.again) {
            self.property(&owner, key, None, unset.and_then(|node| node.entry(key)), at);
        }
    }

    /// Of several forms the one that has all the keys.
    fn alternative<'s>(&'s self, schema: &'s Value, entries: &[Entry]) -> &'s Value {
        let schema = solid(self.root, schema);
        let forms = ["anyOf", "oneOf"].iter().find_map(|keyword| schema.get(*keyword)?.as_array());
        let fits = |form: &&Value| entries.iter().all(|entry| form["properties"].get(&entry.key).is_some());
        let forms =
            forms.into_iter().flatten().map(|form| self.alternative(resolve(self.root, form), entries));
        forms.into_iter().find(|form| fits(form) && form.get("properties").is_some()).unwrap_or(schema)
    }

    /// What a key is for, and what it may be.
    fn meaning(&mut self, schema: &Value, at: Position<'_>) {
        let target = solid(self.root, schema);
        let own = schema.get("description").or_else(|| target.get("description"));
        let mut words = own.and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
        let choices = choices(target);
        if (1..=6).contains(&choices.len()) {
            words = format!("{words} One of {}.", choices.join(", "));
        }
        if let (Some(least), Some(most)) = (target["minimum"].as_u64(), target["maximum"].as_u64())
            && target.get("x-digits").is_none()
        {
            words = format!("{words} {least} to {most}.");
        }
        let room = 108_usize.saturating_sub(at.indent);
        for line in wrap(&words, room) {
            self.write(&[&" ".repeat(at.indent), "# ", &line, "\n"]);
        }
    }

    /// Indentation, comment sign and dash. Below a key that is off, the sign stands in that key's column.
    fn begin(&mut self, at: Position<'_>) {
        self.text.push_str(&" ".repeat(at.indent));
        if at.off {
            self.text.push('#');
        }
        if at.dash {
            self.text.push_str("- ");
        }
    }
}

fn has_keys(schema: &Value) -> bool {
    schema.get("properties").is_some()
}

fn choices(schema: &Value) -> Vec<String> {
    let listed = schema.get("enum").and_then(Value::as_array);
    let named = schema.get("oneOf").and_then(Value::as_array);
    let constants = named.into_iter().flatten().filter_map(|form| form.get("const"));
    let all = listed.into_iter().flatten().chain(constants);
    all.filter_map(Value::as_str).map(|choice| format!("`{choice}`")).collect()
}

fn wrap(words: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn from_json(value: &Value) -> Node {
    let content = match value {
        Value::Null => Content::Null,
        Value::Bool(value) => Content::Bool(*value),
        Value::Number(number) => Content::Number(number.clone()),
        Value::String(text) => Content::Text(text.clone()),
        Value::Array(items) => Content::List(items.iter().map(from_json).collect()),
        Value::Object(fields) => {
            let entry = |(key, value): (&String, &Value)| Entry {
                key: key.clone(),
                key_span: None,
                value: from_json(value),
            };
            Content::Map(fields.iter().map(entry).collect())
        }
    };
    Node { span: None, anchor: None, content }
}

#[cfg(test)]
mod tests;

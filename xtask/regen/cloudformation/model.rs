//! A resource type as the generator sees it: the two sources merged, every object named.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::Value as JsonValue;

use super::naming::camel;

/// Enumerations longer than this are catalogues of the day (instance types), not a part of the interface.
const LONGEST_ENUM: usize = 60;

pub(super) struct ResourceType {
    pub cfn_type: String,
    /// The Rust name, `DbInstance`.
    pub name: String,
    /// What `Ref` yields.
    pub reference: Reference,
    pub attributes: Vec<(String, Option<Reference>)>,
    /// The object named "" is the resource itself.
    pub objects: BTreeMap<String, Object>,
    pub enums: BTreeMap<String, Vec<String>>,
    pub read_only: Vec<String>,
    pub updates: BTreeMap<String, &'static str>,
    pub write_only: Vec<String>,
    pub stateful: bool,
    pub tags: Option<String>,
}

/// A typed reference: the class and the resource type it points at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    pub class: &'static str,
    pub cfn_type: String,
}

#[derive(Default)]
pub(super) struct Object {
    pub properties: BTreeMap<String, Ty>,
    pub required: BTreeSet<String>,
    pub any_of: Vec<Vec<String>>,
    pub one_of: Vec<Vec<String>>,
    pub excludes: BTreeMap<String, Vec<String>>,
    pub requires: BTreeMap<String, Vec<String>>,
    pub open: bool,
}

pub(super) enum Ty {
    Any,
    Boolean,
    Integer { min: Option<i64>, max: Option<i64> },
    Number { min: Option<f64>, max: Option<f64> },
    Text { min: Option<u64>, max: Option<u64>, pattern: Option<String>, of: Text },
    Array { item: Box<Ty>, min: Option<u64>, max: Option<u64>, unique: bool },
    Map(Box<Ty>),
    Object(String),
    Tag,
}

pub(super) enum Text {
    Plain,
    Enum(String),
    Reference(Reference),
}

impl ResourceType {
    pub(super) fn parse(
        cfn_type: &str,
        schema: &JsonValue,
        spec: &JsonValue,
        known: &BTreeSet<&str>,
    ) -> Result<Self> {
        let name = camel(cfn_type.rsplit("::").next().context("a type name with `::`")?);
        let mut reader =
            Reader { cfn_type, schema, spec, known, objects: BTreeMap::new(), enums: BTreeMap::new() };
        let read_only = paths(schema, "readOnlyProperties");
        let own: Vec<String> = read_only.iter().filter(|path| !path.contains('/')).cloned().collect();
        reader.object("", schema, &own)?;
        let reference = reader.ref_type()?;
        let attributes = reader.attributes(&read_only, &reference);
        let mut updates: BTreeMap<String, &'static str> = BTreeMap::new();
        updates.extend(
            paths(schema, "conditionalCreateOnlyProperties").into_iter().map(|path| (path, "MayReplace")),
        );
        updates.extend(paths(schema, "createOnlyProperties").into_iter().map(|path| (path, "Replaces")));
        let (objects, enums) = (reader.objects, reader.enums);
        let write_only = paths(schema, "writeOnlyProperties");
        let stateful = spec["stateful"].as_bool().unwrap_or_default();
        let tags = spec["tags"]["tagPropertyName"].as_str().map(str::to_owned);
        let cfn_type = cfn_type.to_owned();
        Ok(Self {
            cfn_type,
            name,
            reference,
            attributes,
            objects,
            enums,
            read_only: own,
            updates,
            write_only,
            stateful,
            tags,
        })
    }

    /// The Rust module of the type's service.
    pub(super) fn module(&self) -> String {
        module_of(&self.cfn_type)
    }
}

/// `AWS::EC2::Subnet` -> `ec2`.
pub(super) fn module_of(cfn_type: &str) -> String {
    cfn_type.split("::").nth(1).unwrap_or_default().to_ascii_lowercase()
}

/// A list of JSON pointers below `/properties` as slash-joined paths, sorted.
fn paths(schema: &JsonValue, key: &str) -> Vec<String> {
    let pointers = schema[key].as_array().into_iter().flatten().filter_map(JsonValue::as_str);
    let mut paths: Vec<String> =
        pointers.map(|p| p.trim_start_matches("/properties/").replace("/properties/", "/")).collect();
    paths.sort();
    paths.dedup();
    paths
}

fn texts(node: &JsonValue) -> Vec<String> {
    node.as_array().into_iter().flatten().filter_map(JsonValue::as_str).map(str::to_owned).collect()
}

fn class_of(attribute: &str) -> &'static str {
    match attribute {
        _ if attribute.to_ascii_lowercase().ends_with("arn") => "Arn",
        _ if attribute.ends_with("Name") => "Name",
        _ => "Id",
    }
}

struct Reader<'a> {
    cfn_type: &'a str,
    schema: &'a JsonValue,
    spec: &'a JsonValue,
    known: &'a BTreeSet<&'a str>,
    objects: BTreeMap<String, Object>,
    enums: BTreeMap<String, Vec<String>>,
}

impl<'a> Reader<'a> {
    fn object(&mut self, name: &str, node: &'a JsonValue, skip: &[String]) -> Result<()> {
        if self.objects.contains_key(name) {
            return Ok(());
        }
        // Entered before its properties are read: a definition may contain itself.
        self.objects.insert(name.to_owned(), Object::default());
        let mut object = Object { open: node["additionalProperties"] == true, ..Object::default() };
        for (property, child) in node["properties"].as_object().context("an object has properties")? {
            if !skip.contains(property) {
                let ty = self.ty(name, property, child)?;
                object.properties.insert(property.clone(), ty);
            }
        }
        object.required =
            texts(&node["required"]).into_iter().filter(|p| object.properties.contains_key(p)).collect();
        groups(node, &mut object);
        self.objects.insert(name.to_owned(), object);
        Ok(())
    }

    fn ty(&mut self, owner: &str, property: &str, node: &'a JsonValue) -> Result<Ty> {
        if let Some(target) = node["$ref"].as_str() {
            let name = target.trim_start_matches("#/definitions/");
            let definition =
                self.schema["definitions"].get(name).with_context(|| format!("no definition {name}"))?;
            if definition["properties"].is_object() {
                return self.named(name, definition);
            }
            return self.ty(owner, property, definition);
        }
        if node["properties"].is_object() {
            let name = if owner.is_empty() || property.starts_with(owner) {
                property.to_owned()
            } else {
                format!("{owner}{property}")
            };
            return self.named(&name, node);
        }
        let Some(kind) = node["type"].as_str() else { return Ok(Ty::Any) };
        Ok(match kind {
            "boolean" => Ty::Boolean,
            "integer" => Ty::Integer { min: node["minimum"].as_i64(), max: node["maximum"].as_i64() },
            "number" => Ty::Number { min: node["minimum"].as_f64(), max: node["maximum"].as_f64() },
            "string" => self.text(owner, property, node),
            "array" => self.array(owner, property, node)?,
            "object" => self.map(owner, property, node)?,
            other => bail!("property {property} has the unknown type {other}"),
        })
    }

    fn named(&mut self, name: &str, node: &'a JsonValue) -> Result<Ty> {
        let properties = node["properties"].as_object().context("an object has properties")?;
        let is_tag = name.ends_with("Tag")
            && properties.len() == 2
            && properties.contains_key("Key")
            && properties.contains_key("Value");
        if is_tag {
            return Ok(Ty::Tag);
        }
        self.object(name, node, &[])?;
        Ok(Ty::Object(name.to_owned()))
    }

    fn array(&mut self, owner: &str, property: &str, node: &'a JsonValue) -> Result<Ty> {
        let item = Box::new(if node["items"].is_object() {
            self.ty(owner, property, &node["items"])?
        } else {
            Ty::Any
        });
        let unique = node["uniqueItems"].as_bool().unwrap_or_default();
        Ok(Ty::Array { item, min: node["minItems"].as_u64(), max: node["maxItems"].as_u64(), unique })
    }

    fn map(&mut self, owner: &str, property: &str, node: &'a JsonValue) -> Result<Ty> {
        let values = node["patternProperties"].as_object().and_then(|patterns| patterns.values().next());
        Ok(match values {
            Some(value) if value["type"].is_array() || value["anyOf"].is_array() => {
                Ty::Map(Box::new(Ty::Text { min: None, max: None, pattern: None, of: Text::Plain }))
            }
            Some(value) => Ty::Map(Box::new(self.ty(owner, property, value)?)),
            None => Ty::Any,
        })
    }

    fn text(&mut self, owner: &str, property: &str, node: &JsonValue) -> Ty {
        let allowed = texts(&node["enum"]);
        let of = if !allowed.is_empty() && allowed.len() <= LONGEST_ENUM {
            Text::Enum(self.enumeration(owner, property, allowed))
        } else {
            self.reference(owner, property, node).map_or(Text::Plain, Text::Reference)
        };
        let pattern = node["pattern"].as_str().filter(|pattern| *pattern != ".*").map(str::to_owned);
        Ty::Text { min: node["minLength"].as_u64(), max: node["maxLength"].as_u64(), pattern, of }
    }

    /// Names an enumeration for its property, or for owner and property where that name means other values.
    fn enumeration(&mut self, owner: &str, property: &str, values: Vec<String>) -> String {
        let definitions = &self.schema["definitions"];
        let free = |name: &str, enums: &BTreeMap<String, Vec<String>>| {
            definitions[name]["properties"].is_null()
                && self.schema["properties"][name]["properties"].is_null()
                && camel(name) != camel(self.cfn_type.rsplit("::").next().unwrap_or_default())
                && enums.get(&camel(name)).is_none_or(|existing| *existing == values)
        };
        let name = if free(property, &self.enums) {
            camel(property)
        } else {
            camel(&format!("{owner}{property}Value"))
        };
        self.enums.insert(name.clone(), values);
        name
    }

    /// Which resource's attribute the property takes, where the sources name exactly one kind.
    fn reference(&self, owner: &str, property: &str, node: &JsonValue) -> Option<Reference> {
        let key = if owner.is_empty() { property.to_owned() } else { format!("{owner}.{property}") };
        let listed = self.spec["references"][&key].as_array().into_iter().flatten();
        let mut found: BTreeSet<Reference> = listed
            .filter_map(|pair| Some((pair[0].as_str()?, pair[1].as_str()?)))
            .map(|(cfn_type, attribute)| Reference {
                class: class_of(attribute),
                cfn_type: cfn_type.to_owned(),
            })
            .collect();
        if found.is_empty() {
            let (cfn_type, attribute) = node["format"].as_str()?.rsplit_once('.')?;
            found.insert(Reference { class: class_of(attribute), cfn_type: cfn_type.to_owned() });
        }
        let only = found.pop_first().filter(|_| found.is_empty())?;
        // A resource's own identifier is where its name is made up, not where another's is taken.
        let own_name =
            owner.is_empty() && paths(self.schema, "primaryIdentifier").iter().any(|path| path == property);
        let itself = only.cfn_type == self.cfn_type && owner.is_empty() && only.class == "Name";
        (self.known.contains(only.cfn_type.as_str()) && !itself && !own_name).then_some(only)
    }

    fn ref_type(&self) -> Result<Reference> {
        let node = &self.spec["ref"];
        let attribute =
            node.as_str().or_else(|| node[0].as_str()).context("the service spec says what Ref yields")?;
        Ok(Reference { class: class_of(attribute), cfn_type: self.cfn_type.to_owned() })
    }

    fn attributes(&self, read_only: &[String], reference: &Reference) -> Vec<(String, Option<Reference>)> {
        let short = self.cfn_type.rsplit("::").next().unwrap_or_default();
        let primary = paths(self.schema, "primaryIdentifier");
        let mut names: BTreeSet<String> =
            read_only.iter().map(|path| path.replace('/', ".")).filter(|path| !path.contains('*')).collect();
        names.extend(texts(&self.spec["attributes"]));
        let itself = |name: &str| {
            let class = class_of(name);
            let own = name == "Arn"
                || name == format!("{short}Arn")
                || name == format!("{short}Id")
                || name == "KeyId"
                || name == "GroupId";
            let is_primary = primary.iter().any(|path| path == name) && class == reference.class;
            (own || is_primary).then(|| Reference { class, cfn_type: self.cfn_type.to_owned() })
        };
        let scalar = |name: &str| {
            !matches!(self.schema["properties"][name]["type"].as_str(), Some("array" | "object"))
        };
        names
            .into_iter()
            .filter(|name| scalar(name))
            .map(|name| {
                let typed = itself(&name);
                (name, typed)
            })
            .collect()
    }
}

/// Rules on which properties stand together.
fn groups(node: &JsonValue, object: &mut Object) {
    let known = |names: &Vec<String>| names.iter().all(|name| object.properties.contains_key(name));
    let alternatives = |key: &str| -> Option<Vec<String>> {
        let branches = node[key].as_array()?;
        let single = |branch: &JsonValue| {
            texts(&branch["required"])
                .into_iter()
                .next()
                .filter(|_| branch["required"].as_array().is_some_and(|r| r.len() == 1))
        };
        branches.iter().map(single).collect()
    };
    let any_of: Vec<Vec<String>> = [alternatives("anyOf"), Some(texts(&node["requiredOr"]))]
        .into_iter()
        .flatten()
        .filter(|group| group.len() > 1 && known(group))
        .collect();
    let one_of: Vec<Vec<String>> = [alternatives("oneOf"), Some(texts(&node["requiredXor"]))]
        .into_iter()
        .flatten()
        .filter(|group| group.len() > 1 && known(group))
        .collect();
    let by_name = |keys: &[&str]| -> BTreeMap<String, Vec<String>> {
        let entries = keys.iter().filter_map(|key| node[*key].as_object()).flatten();
        let entries = entries.map(|(name, others)| (name.clone(), texts(others)));
        entries.filter(|(name, others)| object.properties.contains_key(name) && known(others)).collect()
    };
    let (excludes, requires) =
        (by_name(&["dependentExcluded"]), by_name(&["dependentRequired", "dependencies"]));
    (object.any_of, object.one_of, object.excludes, object.requires) = (any_of, one_of, excludes, requires);
}

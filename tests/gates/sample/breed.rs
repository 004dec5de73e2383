//! Configs that are made of parts of the repository's valid ones, with single values changed as the schema allows.
//!
//! So every key that a valid config of the repository sets takes part, and every choice, switch and range of the schema,
//! those that are added tomorrow included.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result, ensure};
use lisa_config::Source;
use lisa_names::Region;
use lisa_testkit::relocate::relocate;
use lisa_testkit::repository;
use serde_json::{Map, Value, json};

use super::dice::Dice;

/// Lists that are put together from the items of several configs.
const POOLED: [&str; 2] = ["ecsModels", "ragRepositories"];

/// Keys that a rule asks for unless other keys say otherwise.
const USUAL: [&str; 1] = ["authConfig"];

/// What configs are made of.
pub(super) struct Breed {
    /// Values that valid configs set at the top, by key.
    values: BTreeMap<String, Vec<Value>>,
    /// Keys that a config can hardly do without.
    required: Vec<String>,
    schema: Value,
}

impl Breed {
    /// Learns from the repository's configs, moved to the region.
    pub(super) fn of(region: &Region) -> Result<Self> {
        let schema = lisa_config::schema();
        let required =
            schema["$defs"]["Environment"]["required"].as_array().context("nothing is required")?;
        let required = required.iter().filter_map(Value::as_str).chain(USUAL).map(str::to_owned).collect();
        let mut values: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for source in ["examples", "tests/configs/valid"] {
            let mut paths: Vec<_> = fs::read_dir(repository::path(source))?
                .map(|entry| Ok(entry?.path()))
                .collect::<Result<_>>()?;
            paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
            paths.sort();
            for path in paths {
                for (key, value) in settings(&relocate(&fs::read_to_string(path)?, region))? {
                    let known = values.entry(key).or_default();
                    if !known.contains(&value) {
                        known.push(value);
                    }
                }
            }
        }
        ensure!(values.len() > 30, "the valid configs set only {} keys", values.len());
        for pooled in POOLED {
            let lists = values.remove(pooled).unwrap_or_default();
            let items = lists.into_iter().filter_map(|list| list.as_array().cloned()).flatten().collect();
            values.insert(pooled.to_owned(), items);
        }
        Ok(Self { values, required, schema })
    }

    /// Some config, valid or not.
    pub(super) fn config(&self, dice: &mut Dice) -> Value {
        let mut config = Map::new();
        for (key, values) in &self.values {
            if !self.required.contains(key) && !dice.once_in(3) {
                continue;
            }
            if POOLED.contains(&key.as_str()) {
                let items = (0..=dice.below(3)).filter_map(|_| dice.pick(values).cloned()).collect();
                config.insert(key.clone(), items);
            } else if let Some(value) = dice.pick(values) {
                config.insert(key.clone(), value.clone());
            }
        }
        let mut config = Value::Object(config);
        for _ in 0..dice.below(8) {
            self.change(&mut config, dice);
        }
        config
    }

    /// Sets one place, which need not be set yet, to a value that its schema allows.
    fn change(&self, config: &mut Value, dice: &mut Dice) {
        let mut places = Vec::new();
        self.places(config, &self.schema["$defs"]["Environment"], "", &mut places);
        let Some((parent, key, schema)) = dice.pick(&places) else { return };
        let Some(value) = self.value(schema, dice) else { return };
        if let Some(entries) = config.pointer_mut(parent).and_then(Value::as_object_mut) {
            entries.insert(key.clone(), value);
        }
    }

    /// Every key that the schema knows in the mappings that are there: the mapping's pointer, the key, its schema.
    fn places<'a>(
        &'a self,
        value: &Value,
        schema: &'a Value,
        at: &str,
        found: &mut Vec<(String, String, &'a Value)>,
    ) {
        let schema = self.resolved(schema);
        match value {
            Value::Object(entries) => {
                for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
                    if schema["deprecated"] != true {
                        found.push((at.to_owned(), key.clone(), schema));
                    }
                    if let Some(child) = entries.get(key) {
                        self.places(child, schema, &format!("{at}/{key}"), found);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.places(item, &schema["items"], &format!("{at}/{index}"), found);
                }
            }
            _ => {}
        }
    }

    /// A schema without references, and without the choice between a value and none.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/")) {
            return self.resolved(&self.schema["$defs"][name]);
        }
        let choices = schema["anyOf"].as_array().into_iter().flatten();
        let mut choices = choices.filter(|choice| choice["type"] != "null");
        choices.next().map_or(schema, |choice| self.resolved(choice))
    }

    /// A value of a choice, a switch, a range, or a text of the greatest length; nothing for other schemas.
    fn value(&self, schema: &Value, dice: &mut Dice) -> Option<Value> {
        let schema = self.resolved(schema);
        if let Some(choices) = schema["enum"].as_array() {
            return dice.pick(choices).cloned();
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            return dice.pick(choices)?.get("const").cloned();
        }
        if is(schema, "boolean") {
            return Some(dice.once_in(2).into());
        }
        if is(schema, "integer") || is(schema, "number") {
            return number(schema, dice);
        }
        // As long as it may be: names of resources are made of it.
        let longest = usize::try_from(schema["maxLength"].as_u64().filter(|_| is(schema, "string"))?).ok()?;
        Some("n".repeat(longest).into())
    }
}

/// Whether values of this type are allowed.
fn is(schema: &Value, name: &str) -> bool {
    let types = &schema["type"];
    types == name || types.as_array().is_some_and(|types| types.contains(&json!(name)))
}

/// The least, the greatest or some other number of a range.
fn number(schema: &Value, dice: &mut Dice) -> Option<Value> {
    let [least, greatest] = ["minimum", "maximum"].map(|end| schema[end].as_f64());
    let (least, greatest) = (least?, greatest?);
    #[expect(clippy::cast_precision_loss, reason = "a few bits of chance are enough")]
    let share = dice.below(1000) as f64 / 1000.0;
    // Most ranges span powers of ten: their lower end is where people choose from.
    let other = (least + (greatest - least) * share.powi(4)).floor();
    let number = [least, greatest, other][dice.below(3)];
    #[expect(clippy::cast_possible_truncation, reason = "the schema's bounds are whole and small")]
    Some(if is(schema, "integer") { (number as i64).into() } else { number.into() })
}

/// What a config sets at the top, or in the block that it selects.
fn settings(text: &str) -> Result<Map<String, Value>> {
    let source = Source { name: "config.yaml".to_owned(), text: text.to_owned() };
    let document = lisa_config::document(&source).map_err(|problems| anyhow::anyhow!("{problems}"))?;
    let value = document.value();
    let block = value["env"].as_str().and_then(|name| value.get(name)).unwrap_or(value);
    let block = block.as_object().context("a config is no mapping")?;
    let is_setting = |(key, _): &(&String, &Value)| !key.starts_with("x-") && *key != "env";
    Ok(block.iter().filter(is_setting).map(|(key, value)| (key.clone(), value.clone())).collect())
}

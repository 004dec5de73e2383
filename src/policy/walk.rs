//! The way from a resource's properties to a value, through every branch of `Fn::If`.

use std::fmt;

use serde_json::{Map, Value};

use crate::leaf::Leaf;

/// What a template declares that its properties may refer to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Declared<'a> {
    pub(crate) parameters: Option<&'a Map<String, Value>>,
    pub(crate) mappings: Option<&'a Map<String, Value>>,
}

impl<'a> Declared<'a> {
    pub(crate) fn parameter(self, name: &str) -> Option<&'a Value> {
        self.parameters?.get(name)
    }
}

/// One step of a [`Trail`].
#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
    Branch { condition: &'a str, taken: bool },
}

/// Where a leaf was found: `SecurityGroupIngress[0].CidrIp (if Open is true)`.
#[derive(Debug, Default)]
pub(crate) struct Trail<'a>(Vec<Step<'a>>);

impl fmt::Display for Trail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for step in &self.0 {
            match step {
                Step::Key(key) if first => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Branch { .. } => continue,
            }
            first = false;
        }
        for step in &self.0 {
            if let Step::Branch { condition, taken } = step {
                write!(f, " (if {condition} is {taken})")?;
            }
        }
        Ok(())
    }
}

/// What the walk calls with every leaf.
pub(crate) type Visit<'v, 'a> = &'v mut dyn FnMut(&Trail<'a>, Leaf<'a>);

/// Visits every leaf at `path` under `value`.
///
/// A path is keys joined by `.`, where `[]` after a key means each element: `Rules[].Status`. A key that is not
/// there gives [`Leaf::Missing`] once per branch; an empty or missing list gives nothing, as it has no elements.
pub(crate) fn walk<'a>(
    declared: Declared<'a>,
    value: Option<&'a Value>,
    path: &'a str,
    visit: Visit<'_, 'a>,
) {
    Walk { declared, trail: Trail::default(), visit }.at(value, path, false);
}

struct Walk<'v, 'a> {
    declared: Declared<'a>,
    trail: Trail<'a>,
    visit: Visit<'v, 'a>,
}

impl<'a> Walk<'_, 'a> {
    /// `element` is true where nothing means "no such element" rather than "no such property".
    fn at(&mut self, value: Option<&'a Value>, path: &'a str, element: bool) {
        let Some(value) = value else {
            return self.leaf(Leaf::Missing, element || path.contains("[]"));
        };
        match intrinsic(value) {
            Some(("Fn::If", argument)) => self.branches(argument, path, element),
            Some(("Ref", Value::String(name))) if name == "AWS::NoValue" => self.at(None, path, element),
            Some(("Ref", Value::String(name))) => self.named(value, name, path),
            Some(("Fn::FindInMap", argument)) => self.mapped(value, argument, path),
            Some(_) => self.leaf(Leaf::Reference(value), false),
            None => self.literal(value, path),
        }
    }

    fn leaf(&mut self, leaf: Leaf<'a>, silent: bool) {
        if !silent {
            (self.visit)(&self.trail, leaf);
        }
    }

    fn step(&mut self, step: Step<'a>, value: Option<&'a Value>, path: &'a str, element: bool) {
        self.trail.0.push(step);
        self.at(value, path, element);
        self.trail.0.pop();
    }

    fn branches(&mut self, argument: &'a Value, path: &'a str, element: bool) {
        let Some([Value::String(condition), yes, no]) = argument.as_array().map(Vec::as_slice) else {
            return self.leaf(Leaf::Reference(argument), false);
        };
        self.step(Step::Branch { condition, taken: true }, Some(yes), path, element);
        self.step(Step::Branch { condition, taken: false }, Some(no), path, element);
    }

    /// A parameter that lists its allowed values is all of them; any other is unknown.
    fn named(&mut self, value: &'a Value, name: &'a str, path: &'a str) {
        let Some(parameter) = self.declared.parameter(name) else {
            return self.leaf(Leaf::Reference(value), false);
        };
        match parameter.get("AllowedValues").and_then(Value::as_array) {
            Some(allowed) if path.is_empty() => {
                for value in allowed {
                    self.leaf(Leaf::Literal(value), false);
                }
            }
            _ => self.leaf(Leaf::Parameter(name), false),
        }
    }

    /// A mapping is every value it has under the second key, whatever the first one turns out to be.
    fn mapped(&mut self, value: &'a Value, argument: &'a Value, path: &'a str) {
        let candidates = argument.as_array().and_then(|keys| {
            let map = self.declared.mappings?.get(keys.first()?.as_str()?)?.as_object()?;
            let second = keys.get(2)?.as_str()?;
            Some((map, keys.get(1)?.as_str(), second))
        });
        let Some((map, first, second)) = candidates else {
            return self.leaf(Leaf::Reference(value), false);
        };
        let mut rows = map.iter().filter(|(key, _)| first.is_none_or(|first| first == *key)).peekable();
        if rows.peek().is_none() {
            return self.leaf(Leaf::Reference(value), false);
        }
        for (_, row) in rows {
            self.at(row.get(second), path, false);
        }
    }

    fn literal(&mut self, value: &'a Value, path: &'a str) {
        if path.is_empty() {
            return self.leaf(Leaf::Literal(value), false);
        }
        if let Some(rest) = path.strip_prefix("[]") {
            let rest = rest.strip_prefix('.').unwrap_or(rest);
            // CloudFormation takes a lone value where a list belongs.
            let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for (index, item) in items.iter().enumerate() {
                self.step(Step::Index(index), Some(item), rest, true);
            }
            return;
        }
        let end = path.find(['.', '[']).unwrap_or(path.len());
        let rest = path[end..].strip_prefix('.').unwrap_or(&path[end..]);
        self.step(Step::Key(&path[..end]), value.get(&path[..end]), rest, false);
    }
}

/// The name and argument, if the value is an intrinsic function.
pub(crate) fn intrinsic(value: &Value) -> Option<(&str, &Value)> {
    let map = value.as_object()?;
    if map.len() != 1 {
        return None;
    }
    let (name, argument) = map.iter().next()?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Declared, walk};

    fn seen(properties: &serde_json::Value, path: &'static str) -> Vec<String> {
        let template = json!({
            "Parameters": {"Free": {"Type": "String"}, "Word": {"Type": "String", "AllowedValues": ["on", "off"]}},
            "Mappings": {"Zones": {"a": {"Flag": "yes"}, "b": {"Flag": "no"}}},
        });
        let declared = Declared {
            parameters: template["Parameters"].as_object(),
            mappings: template["Mappings"].as_object(),
        };
        let mut out = Vec::new();
        walk(declared, Some(properties), path, &mut |trail, leaf| {
            out.push(format!("{trail} {}", leaf.describe()));
        });
        out
    }

    #[test]
    fn both_branches_at_every_level() {
        let properties = json!({"A": {"Fn::If": ["C", {"B": true}, {"Ref": "AWS::NoValue"}]}});
        assert_eq!(
            seen(&properties, "A.B"),
            ["A.B (if C is true) is `true`", "A (if C is false) is missing"]
        );
    }

    #[test]
    fn elements_that_are_not_there_are_no_elements() {
        let properties = json!({"L": [{"X": 1}, {"Fn::If": ["C", {"X": 2}, {"Ref": "AWS::NoValue"}]}, {}]});
        assert_eq!(
            seen(&properties, "L[].X"),
            ["L[0].X is `1`", "L[1].X (if C is true) is `2`", "L[2].X is missing"]
        );
        assert_eq!(seen(&json!({"L": []}), "L[].X"), [""; 0]);
        assert_eq!(seen(&json!({}), "L[].X"), [""; 0]);
        assert_eq!(seen(&json!({"L": {"X": 1}}), "L[].X"), ["L[0].X is `1`"]);
    }

    #[test]
    fn parameters_are_unknown_unless_they_list_their_values() {
        assert_eq!(seen(&json!({"A": {"Ref": "Free"}}), "A"), ["A is left to the parameter `Free`"]);
        assert_eq!(seen(&json!({"A": {"Ref": "Free"}}), "A.B"), ["A is left to the parameter `Free`"]);
        assert_eq!(seen(&json!({"A": {"Ref": "Word"}}), "A"), ["A is `on`", "A is `off`"]);
        assert_eq!(seen(&json!({"A": {"Ref": "Resource"}}), "A"), ["A is only known when deployed"]);
    }

    #[test]
    fn mappings_are_all_their_values() {
        let find = |key: serde_json::Value| json!({"A": {"Fn::FindInMap": ["Zones", key, "Flag"]}});
        assert_eq!(seen(&find(json!({"Ref": "AWS::Region"})), "A"), ["A is `yes`", "A is `no`"]);
        assert_eq!(seen(&find(json!("b")), "A"), ["A is `no`"]);
    }
}

//! Walks one resource's properties along its shape and reports each literal that breaks a rule.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::{Map, Value as JsonValue};

use super::Violation;
use crate::intrinsic::{intrinsic_key, is_intrinsic};
use crate::shape::{Kind, ObjectShape};

pub(super) struct Walker<'a> {
    logical_id: &'a str,
    path: Vec<String>,
    pub(super) violations: Vec<Violation>,
}

impl<'a> Walker<'a> {
    pub(super) const fn new(logical_id: &'a str) -> Self {
        Self { logical_id, path: Vec::new(), violations: Vec::new() }
    }

    fn report(&mut self, rule: &'static str, expected: impl Into<String>, found: &str) {
        let property = self.path.join("/");
        self.violations.push(Violation::new(self.logical_id, &property, rule, expected.into(), found));
    }

    fn at(&mut self, step: impl Into<String>, walk: impl FnOnce(&mut Self)) {
        self.path.push(step.into());
        walk(self);
        self.path.pop();
    }

    pub(super) fn object(&mut self, shape: &ObjectShape, node: &JsonValue) {
        if self.intrinsic(node, |walker, branch| walker.object(shape, branch)) {
            return;
        }
        let Some(entries) = node.as_object() else {
            self.report("type", "an object", &node.to_string());
            return;
        };
        for (name, value) in entries {
            match shape.properties.binary_search_by(|property| property.name.cmp(name)) {
                Ok(index) => self.at(name, |walker| walker.value(&shape.properties[index].kind, value)),
                Err(_) if shape.open => {}
                Err(_) => {
                    self.at(name, |walker| walker.report("unknown property", "known to the type", name));
                }
            }
        }
        self.names(shape, entries);
    }

    /// Rules on which names stand together.
    fn names(&mut self, shape: &ObjectShape, entries: &Map<String, JsonValue>) {
        let has = |name: &str| entries.contains_key(name);
        let found = entries.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        for name in shape.required.iter().filter(|name| !has(name)) {
            self.report("required", format!("`{name}` set"), &found);
        }
        for group in shape.any_of.iter().filter(|group| !group.iter().any(|name| has(name))) {
            self.report("required", format!("at least one of {} set", group.join(", ")), &found);
        }
        for group in shape.one_of.iter().filter(|group| group.iter().filter(|name| has(name)).count() != 1) {
            self.report("required", format!("exactly one of {} set", group.join(", ")), &found);
        }
        for (name, others) in shape.excludes.iter().filter(|(name, _)| has(name)) {
            for other in others.iter().filter(|other| has(other)) {
                self.report("exclusive", format!("without `{other}` beside `{name}`"), &found);
            }
        }
        for (name, others) in shape.requires.iter().filter(|(name, _)| has(name)) {
            for other in others.iter().filter(|other| !has(other)) {
                self.report("required", format!("with `{other}` beside `{name}`"), &found);
            }
        }
    }

    fn value(&mut self, kind: &Kind, node: &JsonValue) {
        if matches!(kind, Kind::Any) || self.intrinsic(node, |walker, branch| walker.value(kind, branch)) {
            return;
        }
        match kind {
            Kind::Any => {}
            Kind::Boolean => {
                if !node.is_boolean() {
                    self.report("type", "true or false", &node.to_string());
                }
            }
            Kind::Integer { min, max } => match node.as_i64() {
                Some(number) => self.bounds(number, *min, *max),
                None => self.report("type", "a whole number", &node.to_string()),
            },
            Kind::Number { min, max } => match node.as_f64() {
                Some(number) => self.bounds(number, *min, *max),
                None => self.report("type", "a number", &node.to_string()),
            },
            Kind::Text { min, max, pattern, allowed } => match node.as_str() {
                Some(text) => self.text(text, *min, *max, *pattern, allowed),
                None => self.report("type", "text", &node.to_string()),
            },
            Kind::Array { item, min, max, unique } => match node.as_array() {
                Some(items) => self.array(item, items, (*min, *max), *unique),
                None => self.report("type", "a list", &node.to_string()),
            },
            Kind::Map(kind) => match node.as_object() {
                Some(entries) => {
                    entries.iter().for_each(|(key, value)| self.at(key, |walker| walker.value(kind, value)));
                }
                None => self.report("type", "an object", &node.to_string()),
            },
            Kind::Object(shape) => self.object(shape, node),
        }
    }

    /// Whether `node` is an intrinsic; both branches of an `Fn::If` are walked.
    fn intrinsic(&mut self, node: &JsonValue, mut walk: impl FnMut(&mut Self, &JsonValue)) -> bool {
        if let Some(("Fn::If", argument)) = intrinsic_key(node) {
            argument.as_array().into_iter().flatten().skip(1).for_each(|branch| walk(self, branch));
        }
        is_intrinsic(node)
    }

    fn bounds<N: PartialOrd + Copy + std::fmt::Display>(
        &mut self,
        number: N,
        min: Option<N>,
        max: Option<N>,
    ) {
        if let Some(min) = min.filter(|min| number < *min) {
            self.report("minimum", format!("{min} or more"), &number.to_string());
        } else if let Some(max) = max.filter(|max| number > *max) {
            self.report("maximum", format!("{max} or less"), &number.to_string());
        }
    }

    fn text(
        &mut self,
        text: &str,
        min: Option<usize>,
        max: Option<usize>,
        pattern: Option<&'static str>,
        allowed: &[&str],
    ) {
        let length = text.chars().count();
        if min.is_some_and(|min| length < min) || max.is_some_and(|max| length > max) {
            let (min, max) = (min.unwrap_or(0), max.map_or_else(|| "any".to_owned(), |max| max.to_string()));
            self.report("length", format!("{min} to {max} characters"), text);
        }
        if !allowed.is_empty() && !allowed.contains(&text) {
            self.report("allowed values", format!("one of {}", allowed.join(", ")), text);
        }
        // A dynamic reference is replaced before the service sees the text.
        if let Some(pattern) = pattern.filter(|_| !text.contains("{{resolve:"))
            && !matches(pattern, text)
        {
            self.report("pattern", format!("text that matches `{pattern}`"), text);
        }
    }

    fn array(
        &mut self,
        item: &Kind,
        items: &[JsonValue],
        bounds: (Option<usize>, Option<usize>),
        unique: bool,
    ) {
        let (min, max) = bounds;
        if min.is_some_and(|min| items.len() < min) || max.is_some_and(|max| items.len() > max) {
            let (min, max) = (min.unwrap_or(0), max.map_or_else(|| "any".to_owned(), |max| max.to_string()));
            self.report("number of items", format!("{min} to {max}"), &items.len().to_string());
        }
        for (index, value) in items.iter().enumerate() {
            if unique && items[..index].contains(value) {
                self.at(index.to_string(), |walker| {
                    walker.report("unique items", "listed once", &value.to_string());
                });
            }
            self.at(index.to_string(), |walker| walker.value(item, value));
        }
    }
}

thread_local! {
    /// Compiled patterns, by whether they are for ASCII text: a synthesis meets the same few again and again.
    static PATTERNS: RefCell<HashMap<(&'static str, bool), Option<Pattern>>> = RefCell::new(HashMap::new());
}

enum Pattern {
    /// For ASCII text: a schema's `\w` and `\d` are ASCII classes, and compile in a tenth of the time as such.
    Ascii(regex::bytes::Regex),
    Plain(regex::Regex),
    /// Look-around, which the linear-time engine does not have.
    Fancy(fancy_regex::Regex),
}

/// Whether `text` matches. A pattern that neither engine takes matches everything; a test lists that there is none.
fn matches(pattern: &'static str, text: &str) -> bool {
    let key = (pattern, text.is_ascii());
    PATTERNS.with_borrow_mut(|patterns| {
        match patterns.entry(key).or_insert_with(|| compile(pattern, key.1)) {
            Some(Pattern::Ascii(regex)) => regex.is_match(text.as_bytes()),
            Some(Pattern::Plain(regex)) => regex.is_match(text),
            Some(Pattern::Fancy(regex)) => regex.is_match(text).unwrap_or(true),
            None => true,
        }
    })
}

fn compile(pattern: &str, ascii: bool) -> Option<Pattern> {
    let bytes = || regex::bytes::RegexBuilder::new(pattern).unicode(false).size_limit(SIZE_LIMIT).build();
    let plain = || regex::RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build();
    let ascii = ascii.then(bytes).and_then(Result::ok).map(Pattern::Ascii);
    ascii
        .or_else(|| plain().ok().map(Pattern::Plain))
        .or_else(|| fancy_regex::Regex::new(pattern).ok().map(Pattern::Fancy))
}

/// Bytes that a compiled pattern may take: some count to thousands.
const SIZE_LIMIT: usize = 64 << 20;

/// Whether either engine can compile `pattern`.
#[cfg(test)]
fn compiles(pattern: &str) -> bool {
    compile(pattern, true).is_some() && compile(pattern, false).is_some()
}

#[cfg(test)]
mod tests;

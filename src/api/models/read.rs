//! Reading a JSON object field by field: what is wrong is noted with its path, and reading goes on.

use std::cell::RefCell;

use serde_json::{Map, Value};

use crate::error::FieldError;

/// One object of a request, its path, and the faults found in the whole request so far.
pub(super) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    path: String,
    faults: &'a RefCell<Vec<FieldError>>,
}

impl<'a> Fields<'a> {
    /// The request itself.
    pub(super) fn of(value: &'a Value, faults: &'a RefCell<Vec<FieldError>>) -> Self {
        Self::at(value, String::new(), faults)
    }

    fn at(value: &'a Value, path: String, faults: &'a RefCell<Vec<FieldError>>) -> Self {
        if !value.is_object() {
            faults.borrow_mut().push(FieldError::new(path.clone(), wrong("an object", value)));
        }
        Self { object: value.as_object(), path, faults }
    }

    /// The path of a field of this object.
    pub(super) fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Notes a fault of a field.
    pub(super) fn fault(&self, name: &str, message: impl Into<String>) {
        self.faults.borrow_mut().push(FieldError::new(self.path(name), message));
    }

    /// The value of a field; `null` is as good as missing.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.and_then(|object| object.get(name)).filter(|value| !value.is_null())
    }

    /// An object in a field.
    pub(super) fn object(&self, name: &str) -> Option<Self> {
        self.get(name).map(|value| Self::at(value, self.path(name), self.faults))
    }

    /// An object that must be there; a missing one is noted once and reads as empty without further faults.
    pub(super) fn required_object(&self, name: &str) -> Option<Self> {
        let found = self.object(name);
        if found.is_none() {
            self.missing(name);
        }
        found
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.fault(name, wrong("a text", value));
        }
        text
    }

    /// A text that must be there and not be empty.
    pub(super) fn required_text(&self, name: &str) -> String {
        match self.text(name) {
            Some(text) if text.is_empty() => self.fault(name, "is empty"),
            Some(text) => return text,
            None if self.get(name).is_none() => self.missing(name),
            None => {}
        }
        String::new()
    }

    /// A whole number of at least `least`, also when it is written as text.
    pub(super) fn number(&self, name: &str, least: u32) -> Option<u32> {
        let value = self.get(name)?;
        let number = match value {
            Value::String(text) => text.trim().parse::<u32>().ok(),
            other => other.as_u64().and_then(|number| u32::try_from(number).ok()),
        };
        match number {
            Some(number) if number < least => {
                self.fault(name, format!("is {number}, allowed is {least} or more"));
                None
            }
            Some(number) => Some(number),
            None => {
                self.fault(name, wrong(&format!("a whole number of {least} or more"), value));
                None
            }
        }
    }

    /// A number that must be there; `stand_in` takes its place when it is wrong, so that reading goes on.
    pub(super) fn required_number(&self, name: &str, least: u32, stand_in: u32) -> u32 {
        if self.get(name).is_none() {
            self.missing(name);
        }
        self.number(name, least).unwrap_or(stand_in)
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        let value = self.get(name)?;
        let flag = value.as_bool();
        if flag.is_none() {
            self.fault(name, wrong("`true` or `false`", value));
        }
        flag
    }

    /// A list of texts.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let value = self.get(name)?;
        let texts: Option<Vec<String>> = value
            .as_array()
            .and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        if texts.is_none() {
            self.fault(name, wrong("a list of texts", value));
        }
        texts
    }

    /// One word of several.
    pub(super) fn word<T: Copy>(
        &self,
        name: &str,
        words: &[T],
        text_of: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(name)?;
        let found = words.iter().copied().find(|word| text_of(*word) == text);
        if found.is_none() {
            let allowed: Vec<_> = words.iter().map(|word| format!("`{}`", text_of(*word))).collect();
            self.fault(name, format!("is `{text}`, allowed are {}", allowed.join(", ")));
        }
        found
    }

    pub(super) fn missing(&self, name: &str) {
        self.fault(name, "is missing");
    }
}

/// Says what a value is and what it should be.
pub(super) fn wrong(wanted: &str, found: &Value) -> String {
    let found = match found {
        Value::Null => "nothing".to_owned(),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Number(number) => format!("`{number}`"),
        Value::String(_) => "a text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    format!("is {found}, needed is {wanted}")
}

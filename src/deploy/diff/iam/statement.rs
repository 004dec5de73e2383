//! One statement of a policy, and whether it surely allows, or denies, all that another one does.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::diff::moved::{Moved, Reference};
use crate::diff::pattern::{Case, Pattern};
use crate::diff::show::shown;

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) allows: bool,
    pub(super) principals: Set,
    pub(super) actions: Set,
    pub(super) resources: Set,
    /// Operator and key to values: all must hold.
    conditions: BTreeMap<(String, String), Vec<Pattern>>,
}

/// These, or all but these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) but: bool,
    patterns: Vec<Pattern>,
}

impl Set {
    /// Exactly these.
    pub(super) fn of(patterns: Vec<Pattern>) -> Self {
        Self { but: false, patterns }
    }

    /// Everything.
    pub(super) fn any() -> Self {
        Self::of(vec![Pattern::any()])
    }

    /// One set for each pattern; what leaves something out is not taken apart.
    pub(super) fn singles(&self) -> Vec<Self> {
        if self.but {
            return vec![self.clone()];
        }
        self.patterns.iter().map(|pattern| Self::of(vec![pattern.clone()])).collect()
    }

    pub(super) fn into_patterns(self) -> Vec<Pattern> {
        self.patterns
    }

    /// Whether everything in `other` is surely in this set.
    fn covers(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.patterns, &other.patterns);
        match (self.but, other.but) {
            (false, false) => theirs.iter().all(|one| mine.iter().any(|wide| wide.covers(one))),
            (true, false) => theirs.iter().all(|one| !mine.iter().any(|out| out.may_meet(one))),
            (false, true) => mine.iter().any(Pattern::is_any),
            (true, true) => mine.iter().all(|out| theirs.iter().any(|wide| wide.covers(out))),
        }
    }
}

impl Statement {
    /// A statement that a document does not spell out.
    pub(super) fn allow(principals: Set, actions: Set) -> Self {
        Self { allows: true, principals, actions, resources: Set::any(), conditions: BTreeMap::new() }
    }

    /// The statements of a document in normal form.
    pub(super) fn of_document(document: &Value, moved: &Moved) -> Vec<Self> {
        match document.get("Statement").and_then(Value::as_array) {
            Some(statements) => statements.iter().flat_map(|one| Self::read(one, moved)).collect(),
            None => vec![Self::unreadable(document, moved)],
        }
    }

    /// A statement, or those of both branches of an `Fn::If`, each under its condition.
    fn read(value: &Value, moved: &Moved) -> Vec<Self> {
        let Some(object) = value.as_object() else { return vec![Self::unreadable(value, moved)] };
        if let Some([Value::String(name), yes, no]) =
            object.get("Fn::If").and_then(Value::as_array).map(Vec::as_slice)
        {
            let branch = |value: &Value, when: &str| {
                let under = |statement: Self| statement.under(name, when, moved);
                Self::read(value, moved).into_iter().map(under).collect::<Vec<_>>()
            };
            let branches = [(yes, "true"), (no, "false")].into_iter();
            let present =
                branches.filter(|(value, _)| value.get("Ref").is_none_or(|name| name != "AWS::NoValue"));
            return present.flat_map(|(value, when)| branch(value, when)).collect();
        }
        let set = |name: &str, case| set(object, name, case, moved);
        vec![Self {
            allows: object.get("Effect").is_none_or(|effect| effect != "Deny"),
            principals: principals(object, moved),
            actions: set("Action", Case::Ignored).unwrap_or_else(Set::any),
            resources: set("Resource", Case::Sensitive).unwrap_or_else(Set::any),
            conditions: conditions(object.get("Condition"), moved),
        }]
    }

    /// Something that stands for a policy and cannot be read before it is deployed.
    pub(super) fn unreadable(value: &Value, moved: &Moved) -> Self {
        let unknown = Pattern::of(value, Case::Sensitive, moved);
        let what = unknown.called(format!("what `{}` says", shown(value)));
        Self::allow(Set::any(), Set::of(vec![what]))
    }

    fn under(mut self, condition: &str, value: &str, moved: &Moved) -> Self {
        let text = if moved.has(&Reference::Condition(condition.to_owned())) {
            Pattern::of(&serde_json::json!({ "Fn::If": [condition, value] }), Case::Sensitive, moved)
        } else {
            Pattern::of(&value.into(), Case::Sensitive, moved)
        };
        self.conditions.insert(("the template's condition".to_owned(), condition.to_owned()), vec![text]);
        self
    }

    /// With another condition.
    pub(super) fn when_value(mut self, operator: &str, key: &str, value: &Value, moved: &Moved) -> Self {
        let value = Pattern::of(value, Case::Sensitive, moved);
        self.conditions.insert((operator.to_owned(), key.to_owned()), vec![value]);
        self
    }

    /// One combination of what it is about, under its conditions.
    pub(super) fn piece(&self, principals: &Set, actions: &Set, resources: &Set) -> Self {
        let (principals, actions, resources) = (principals.clone(), actions.clone(), resources.clone());
        Self { allows: self.allows, principals, actions, resources, conditions: self.conditions.clone() }
    }

    /// Whether it surely has the same effect wherever `other` has it.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.allows == other.allows
            && self.principals.covers(&other.principals)
            && self.actions.covers(&other.actions)
            && self.resources.covers(&other.resources)
            && self.conditions.iter().all(|(key, mine)| {
                other.conditions.get(key).is_some_and(|theirs| follows(&key.0, theirs, mine))
            })
    }

    /// Its conditions in words.
    pub(super) fn when(&self) -> Vec<String> {
        let words = self.conditions.iter().map(|((operator, key), values)| {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            format!("{key} {operator} {}", values.join(" or "))
        });
        words.collect()
    }
}

/// Whether a condition with the values `strict` surely holds only where the same one with the values `loose` does.
fn follows(operator: &str, strict: &[Pattern], loose: &[Pattern]) -> bool {
    let within =
        |few: &[Pattern], many: &[Pattern]| few.iter().all(|one| many.iter().any(|other| other.is_same(one)));
    match operator {
        "StringLike" | "ArnLike" | "ArnEquals" => {
            strict.iter().all(|one| loose.iter().any(|other| other.covers(one)))
        }
        "StringEquals" | "StringEqualsIgnoreCase" | "Bool" | "IpAddress" | "NumericEquals" => {
            within(strict, loose)
        }
        "StringNotEquals" | "StringNotLike" | "ArnNotLike" | "ArnNotEquals" | "NotIpAddress" => {
            within(loose, strict)
        }
        _ => within(strict, loose) && within(loose, strict),
    }
}

fn set(object: &Map<String, Value>, name: &str, case: Case, moved: &Moved) -> Option<Set> {
    let (found, but) = match (object.get(name), object.get(&format!("Not{name}"))) {
        (Some(found), _) => (found, false),
        (None, Some(found)) => (found, true),
        (None, None) => return None,
    };
    let patterns = items(found).iter().map(|item| Pattern::of(item, case, moved)).collect();
    Some(Set { but, patterns })
}

fn principals(object: &Map<String, Value>, moved: &Moved) -> Set {
    let (found, but) = match (object.get("Principal"), object.get("NotPrincipal")) {
        (Some(found), _) => (found, false),
        (None, Some(found)) => (found, true),
        (None, None) => return Set::any(),
    };
    let Some(classes) = found.as_object().filter(|_| !crate::diff::intrinsic::is_call(found)) else {
        return Set { but, patterns: vec![Pattern::of(found, Case::Sensitive, moved)] };
    };
    let each = |(class, of): (&String, &Value)| {
        items(of).iter().map(|item| principal(class, item, moved)).collect::<Vec<_>>()
    };
    Set { but, patterns: classes.iter().flat_map(each).collect() }
}

fn principal(class: &str, item: &Value, moved: &Moved) -> Pattern {
    if class == "AWS" && item == "*" {
        return Pattern::any().called("anyone");
    }
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let item = match item.as_str().filter(|text| is_account(text)) {
        Some(account) => {
            serde_json::json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::{account}:root") })
        }
        None => item.clone(),
    };
    Pattern::of(&item, Case::Sensitive, moved).prefixed(&format!("{class} "))
}

fn conditions(found: Option<&Value>, moved: &Moved) -> BTreeMap<(String, String), Vec<Pattern>> {
    let operators = found.and_then(Value::as_object).into_iter().flatten();
    let each = operators.flat_map(|(operator, keys)| {
        let Some(keys) = keys.as_object().filter(|_| !operator.starts_with("Fn::")) else {
            let text = Pattern::of(keys, Case::Sensitive, moved);
            return vec![((operator.clone(), String::new()), vec![text])];
        };
        let values =
            |value: &Value| items(value).iter().map(|one| Pattern::of(one, Case::Sensitive, moved)).collect();
        keys.iter()
            .map(|(key, value)| ((operator.clone(), key.to_ascii_lowercase()), values(value)))
            .collect()
    });
    each.collect()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice)
}

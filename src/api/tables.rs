//! The tables of a deployment: keys and indexes, described once for the stack that makes a table and the service that
//! reads it.
//!
//! All keys are text. What items a table holds is told where they are written: in `lisa-store`.

/// A table, as DynamoDB and the embedded store both make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it is for: `sessions`. Most tables' physical names end in it.
    pub name: &'static str,
    /// The attribute that is the partition key.
    pub partition: &'static str,
    /// The attribute that is the sort key.
    pub sort: Option<&'static str>,
    /// Further ways to find its items.
    pub indexes: &'static [Index],
    /// The attribute that holds an item's end in seconds since 1970; items without it last.
    pub time_to_live: Option<&'static str>,
}

/// A secondary index over all attributes. An item without one of the index's keys is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// The attribute that is its partition key.
    pub partition: &'static str,
    /// The attribute that is its sort key.
    pub sort: Option<&'static str>,
}

impl Table {
    /// The index of this name.
    pub fn index(&self, name: &str) -> Option<&'static Index> {
        self.indexes.iter().find(|index| index.name == name)
    }

    /// Every attribute that is part of a key, each once, the table's own first.
    pub fn key_attributes(&self) -> Vec<&'static str> {
        let own = [Some(self.partition), self.sort];
        let others = self.indexes.iter().flat_map(|index| [Some(index.partition), index.sort]);
        let mut names: Vec<&'static str> = Vec::new();
        for name in own.into_iter().chain(others).flatten() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// Sessions: heads and messages.
pub const SESSIONS: Table = Table {
    name: "sessions",
    partition: "pk",
    sort: Some("sk"),
    indexes: &[Index { name: "newestFirst", partition: "headOf", sort: Some("changed") }],
    time_to_live: Some("expires"),
};

/// Everything small that belongs to people: configuration, preferences, projects, prompt templates.
pub const CHAT: Table = Table {
    name: "chat",
    partition: "pk",
    sort: Some("sk"),
    indexes: &[
        Index { name: "first", partition: "firstPk", sort: Some("firstSk") },
        Index { name: "second", partition: "secondPk", sort: Some("secondSk") },
    ],
    time_to_live: Some("expires"),
};

/// Models, one item each: the gateway's registry.
pub const MODELS: Table =
    Table { name: "models", partition: "model_id", sort: None, indexes: &[], time_to_live: None };

/// Repositories, collections, documents and jobs.
pub const RAG: Table = Table {
    name: "rag",
    partition: "pk",
    sort: Some("sk"),
    indexes: &[Index { name: "gsi1", partition: "gsi1pk", sort: Some("gsi1sk") }],
    time_to_live: Some("expires"),
};

/// API tokens. Account owners write to it by hand, so that its keys and its end are documented ones.
pub const TOKENS: Table = Table {
    name: "tokens",
    partition: "token",
    sort: None,
    indexes: &[],
    time_to_live: Some("tokenExpiration"),
};

/// What people used of models, added up by day.
pub const USAGE: Table = Table {
    name: "usage",
    partition: "day",
    sort: Some("userModel"),
    indexes: &[],
    time_to_live: Some("expires"),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_keys_are_named_once() {
        assert_eq!(SESSIONS.key_attributes(), ["pk", "sk", "headOf", "changed"]);
        assert_eq!(TOKENS.key_attributes(), ["token"]);
        assert!(SESSIONS.index("newestFirst").is_some() && SESSIONS.index("first").is_none());
    }
}

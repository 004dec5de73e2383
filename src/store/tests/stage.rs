//! The tables under test: one in the emulator's DynamoDB, one in a file of its own.

use lisa_api::tables::{Index, Table as Described};
use lisa_signed::Signed;
use lisa_testkit::Emulator;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Database, DynamoTable, EmbeddedTable, Item};

/// A table with everything that a table can have.
pub(super) const FULL: Described = Described {
    name: "full",
    partition: "pk",
    sort: Some("sk"),
    indexes: &[
        Index { name: "byChange", partition: "owner", sort: Some("changed") },
        Index { name: "byKind", partition: "kind", sort: None },
    ],
    time_to_live: Some("expires"),
};

/// A table with the least.
pub(super) const PLAIN: Described =
    Described { name: "plain", partition: "id", sort: None, indexes: &[], time_to_live: None };

/// An emulator with tables; each has a name of its own.
pub(super) struct Cloud {
    pub(super) emulator: Emulator,
    signed: Signed,
}

impl Cloud {
    pub(super) fn start() -> Self {
        let emulator = Emulator::start().unwrap();
        let session = emulator.session("123456789012", "us-east-1").unwrap();
        Self { emulator, signed: Signed::new(&session) }
    }

    pub(super) fn table(&self, name: &str, described: &'static Described) -> DynamoTable {
        let made =
            self.emulator.block_on(lisa_testkit::emulator::create_table(&self.signed, name, described));
        made.unwrap();
        DynamoTable::new(self.signed.clone(), name, described)
    }
}

/// A table in a file, which goes with the folder.
pub(super) fn embedded(folder: &TempDir, described: &'static Described) -> EmbeddedTable {
    Database::open(folder.path()).unwrap().table(described).unwrap()
}

/// An item from a JSON object.
pub(super) fn item(value: Value) -> Item {
    match value {
        Value::Object(item) => item,
        other => panic!("{other} is no object"),
    }
}

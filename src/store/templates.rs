//! Prompt templates: every revision, the last one by its owner, and by each group that may read it.

use std::sync::Arc;

use lisa_api::people::PromptTemplate;
use serde_json::{Value, json};

use crate::error::Error;
use crate::table::{Item, Key, Order, Query, Range, Table, Write, all};
use crate::{Change, Condition};

/// Groups that one template may be shared with: their items are written in one transaction.
pub const MOST_GROUPS: usize = 40;

/// The prompt templates in a table of [`lisa_api::tables::CHAT`].
///
/// | item | `pk` | `sk` | `first` index | `second` index |
/// |---|---|---|---|---|
/// | revision | `template#<id>` | `revision#<number>` | `owner#<user>` / created, the last one alone | |
/// | share | `template#<id>` | `share#<group>` | | `group#<group>` / created |
#[derive(Clone, Debug)]
pub struct Templates {
    table: Arc<dyn Table>,
}

impl Templates {
    /// The templates in a table.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// The last revision of a template.
    pub async fn get(&self, id: &str) -> Result<Option<PromptTemplate>, Error> {
        let range = Range::Prefix("revision#".to_owned());
        let query = Query::partition(partition(id)).range(range).descending().limit(1).consistent();
        let last = self.table.query(query).await?.items.into_iter().next();
        let last = last.map(|item| self.read(item)).transpose()?;
        Ok(last.filter(|template| template.latest))
    }

    /// A person's own templates, newest first.
    pub async fn owned_by(&self, user: &str) -> Result<Vec<PromptTemplate>, Error> {
        self.indexed("first", format!("owner#{user}")).await
    }

    /// The templates that a group may read, newest first: `lisa:public` or `group:<name>`.
    pub async fn shared_with(&self, group: &str) -> Result<Vec<PromptTemplate>, Error> {
        self.indexed("second", format!("group#{group}")).await
    }

    async fn indexed(&self, index: &'static str, partition: String) -> Result<Vec<PromptTemplate>, Error> {
        let query = Query { order: Order::Descending, ..Query::index(index, partition) };
        all(&*self.table, query).await?.into_iter().map(|item| self.read(item)).collect()
    }

    /// Writes a revision in the place of the last one. [`Error::is_condition`] tells that somebody else has.
    pub async fn write(
        &self,
        template: &PromptTemplate,
        before: Option<&PromptTemplate>,
    ) -> Result<(), Error> {
        let mut writes = before.map_or_else(Vec::new, |before| unshare(before, &template.groups));
        let mut revision = self.item(template, &revision(template.revision))?;
        revision.insert("firstPk".to_owned(), format!("owner#{}", template.owner).into());
        revision.insert("firstSk".to_owned(), template.created.as_str().into());
        writes.push(Write::Put { item: revision, condition: Some(Condition::Missing) });
        if let Some(before) = before {
            writes.push(retire(before));
        }
        for group in &template.groups {
            let mut item = self.item(template, &share(group))?;
            item.insert("secondPk".to_owned(), format!("group#{group}").into());
            item.insert("secondSk".to_owned(), template.created.as_str().into());
            writes.push(Write::Put { item, condition: None });
        }
        self.table.transact(writes).await
    }

    /// Takes a template out of every list; its revisions stay.
    pub async fn delete(&self, template: &PromptTemplate) -> Result<(), Error> {
        let mut writes = unshare(template, &[]);
        writes.push(retire(template));
        self.table.transact(writes).await
    }

    fn item(&self, template: &PromptTemplate, sort: &str) -> Result<Item, Error> {
        let Ok(Value::Object(mut item)) = serde_json::to_value(template) else {
            return Err(Error::invalid(self.table.described().name, "a template is an object"));
        };
        item.insert("pk".to_owned(), partition(&template.id).into());
        item.insert("sk".to_owned(), sort.into());
        Ok(item)
    }

    fn read(&self, item: Item) -> Result<PromptTemplate, Error> {
        let table = self.table.described().name.to_owned();
        serde_json::from_value(Value::Object(item))
            .map_err(|error| Error::Corrupt { table, reason: error.to_string() })
    }
}

/// Takes a template from the groups that are not among those that are left.
fn unshare(before: &PromptTemplate, left: &[String]) -> Vec<Write> {
    let gone = before.groups.iter().filter(|group| !left.contains(group));
    let key = |group: &String| Key::pair(partition(&before.id), share(group));
    gone.map(|group| Write::Delete { key: key(group), condition: None }).collect()
}

/// Makes a revision one that has been.
fn retire(before: &PromptTemplate) -> Write {
    let remove = |name: &str| Change::Remove(name.to_owned());
    Write::Update {
        key: Key::pair(partition(&before.id), revision(before.revision)),
        changes: vec![Change::set("latest", json!(false)), remove("firstPk"), remove("firstSk")],
        condition: Some(Condition::equals("latest", true)),
    }
}

fn partition(id: &str) -> String {
    format!("template#{id}")
}

fn revision(number: u32) -> String {
    format!("revision#{number:010}")
}

fn share(group: &str) -> String {
    format!("share#{group}")
}

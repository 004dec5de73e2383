//! Projects, which group one person's sessions.

use std::sync::Arc;

use lisa_api::people::Project;
use serde_json::Value;

use crate::error::Error;
use crate::table::{Item, Key, Query, Range, Table, all};
use crate::{Change, Condition};

/// The projects in a table of [`lisa_api::tables::CHAT`]: `pk` is `user#<user>`, `sk` is `project#<project>`.
#[derive(Clone, Debug)]
pub struct Projects {
    table: Arc<dyn Table>,
}

impl Projects {
    /// The projects in a table.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// A person's projects.
    pub async fn list(&self, user: &str) -> Result<Vec<Project>, Error> {
        let range = Range::Prefix("project#".to_owned());
        let items =
            all(&*self.table, Query::partition(format!("user#{user}")).range(range).consistent()).await?;
        items.into_iter().map(|item| self.read(item)).collect()
    }

    /// A project of a person.
    pub async fn get(&self, user: &str, project: &str) -> Result<Option<Project>, Error> {
        self.table.get(&key(user, project)).await?.map(|item| self.read(item)).transpose()
    }

    /// Makes a project.
    pub async fn make(&self, project: &Project) -> Result<(), Error> {
        let Ok(Value::Object(mut item)) = serde_json::to_value(project) else {
            return Err(Error::invalid(self.table.described().name, "a project is an object"));
        };
        let Key { partition, sort } = key(&project.user_id, &project.project_id);
        item.insert("pk".to_owned(), partition.into());
        item.insert("sk".to_owned(), sort.into());
        self.table.put(item, Some(Condition::Missing)).await
    }

    /// Gives a project another name; none if there is no such project.
    pub async fn rename(
        &self,
        user: &str,
        project: &str,
        name: &str,
        now: &str,
    ) -> Result<Option<Project>, Error> {
        let changes = vec![Change::set("name", name), Change::set("lastUpdated", now)];
        match self.table.update(&key(user, project), changes, Some(Condition::Exists)).await {
            Ok(item) => self.read(item).map(Some),
            Err(error) if error.is_condition() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes a project; whether there was one.
    pub async fn delete(&self, user: &str, project: &str) -> Result<bool, Error> {
        Ok(self.table.delete(&key(user, project), None).await?.is_some())
    }

    fn read(&self, item: Item) -> Result<Project, Error> {
        let table = self.table.described().name.to_owned();
        serde_json::from_value(Value::Object(item))
            .map_err(|error| Error::Corrupt { table, reason: error.to_string() })
    }
}

fn key(user: &str, project: &str) -> Key {
    Key::pair(format!("user#{user}"), format!("project#{project}"))
}

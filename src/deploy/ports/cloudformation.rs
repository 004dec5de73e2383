//! Stacks and change sets: the calls of CloudFormation, and what they answer.

use std::collections::BTreeMap;
use std::time::SystemTime;

use async_trait::async_trait;
use serde::Serialize;

use super::Call;
pub use crate::status::{ResourceStatus, StackStatus};

/// The account's stacks. A stack is named by its name, or by its id, which also finds it after its deletion.
#[async_trait]
pub trait CloudFormation: Send + Sync {
    /// A stack; `None` where there is none, or, when asked by name, where it is deleted.
    async fn stack(&self, stack: &str) -> Call<Option<ObservedStack>>;

    /// Every stack that is not deleted.
    async fn stacks(&self) -> Call<Vec<ObservedStack>>;

    /// The template that the stack was last given, as it was given.
    async fn template(&self, stack: &str) -> Call<String>;

    /// The stack's resources.
    async fn resources(&self, stack: &str) -> Call<Vec<StackResource>>;

    /// Asks for a change set. CloudFormation makes it by and by: see [`Self::change_set`].
    async fn create_change_set(&self, request: &ChangeSetRequest) -> Call<()>;

    /// A change set with all its changes; `None` where there is none of this name.
    async fn change_set(&self, stack: &str, name: &str) -> Call<Option<ChangeSet>>;

    /// Executes a change set. The token makes a repeated call do nothing.
    async fn execute_change_set(&self, stack: &str, name: &str, token: &str) -> Call<()>;

    /// Deletes a change set.
    async fn delete_change_set(&self, stack: &str, name: &str) -> Call<()>;

    /// Events of a stack, oldest first: those after the event `after`, or else all.
    async fn events(&self, stack: &str, after: Option<&str>) -> Call<Vec<StackEvent>>;

    /// Deletes a stack.
    async fn delete_stack(&self, request: &DeleteRequest) -> Call<()>;

    /// Takes up a rollback that failed, leaving out these resources.
    async fn continue_rollback(&self, stack: &str, skip: &[String], token: &str) -> Call<()>;

    /// Rolls back a creation or an update that failed and was left as it was (`CREATE_FAILED`, `UPDATE_FAILED`).
    async fn rollback(&self, stack: &str, token: &str) -> Call<()>;

    /// Stops an update that is under way and rolls it back.
    async fn cancel_update(&self, stack: &str, token: &str) -> Call<()>;

    /// Protects a stack from deletion, or no longer.
    async fn protect(&self, stack: &str, protected: bool) -> Call<()>;
}

/// A stack as CloudFormation describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedStack {
    /// The stack's ARN, which no later stack of the same name has.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: StackStatus,
    /// Why it has that status.
    pub reason: Option<String>,
    /// Values of its parameters, as they were given; a `NoEcho` one is `****`.
    pub parameters: BTreeMap<String, String>,
    /// Values of its outputs.
    pub outputs: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether it is protected from deletion.
    pub protected: bool,
    /// When it was created.
    pub created: Option<SystemTime>,
    /// When it was last updated.
    pub updated: Option<SystemTime>,
}

/// A resource of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StackResource {
    /// Its logical id.
    pub logical_id: String,
    /// Its physical id; empty where it has none yet.
    pub physical_id: String,
    /// Its type.
    pub kind: String,
    /// Its status.
    pub status: ResourceStatus,
}

/// A change set to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSetRequest {
    /// The stack's name.
    pub stack: String,
    /// The change set's name.
    pub name: String,
    /// Whether the stack is to be created.
    pub creates: bool,
    /// Address of the template in the asset bucket, or the template itself.
    pub template: TemplateSource,
    /// Values of the template's parameters that have no default.
    pub parameters: BTreeMap<String, String>,
    /// The stack's tags.
    pub tags: BTreeMap<String, String>,
    /// Makes a repeated call do nothing.
    pub token: String,
}

/// Where a template is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateSource {
    /// In the request: at most 51,200 bytes. Only the stack of the asset bucket needs it.
    Body(String),
    /// In a bucket.
    Url(String),
}

/// A change set as CloudFormation describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSet {
    /// Its ARN.
    pub id: String,
    /// How far it is.
    pub state: ChangeSetState,
    /// Why it failed. Where CloudFormation tells what is wrong with single resources, a line for each: its words, and
    /// the place in the template, `(at /Resources/Listener/Properties/Port)`.
    pub reason: Option<String>,
    /// What it would do, in CloudFormation's order.
    pub changes: Vec<ResourceChange>,
}

/// How far a change set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeSetState {
    /// Being made.
    Pending,
    /// Made, and can be executed.
    Ready,
    /// Not made because nothing would change.
    Empty,
    /// Not made, for its reason.
    Failed,
    /// Executing, executed, or made obsolete by another.
    Used,
}

/// What a change set would do to one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceChange {
    /// What happens.
    pub action: ChangeAction,
    /// The logical id.
    pub logical_id: String,
    /// The physical id; empty for a new resource.
    pub physical_id: String,
    /// The type.
    pub kind: String,
    /// Whether the resource is made anew.
    pub replacement: Replacement,
    /// The properties that make it so.
    pub properties: Vec<PropertyChange>,
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeAction {
    /// It is created.
    Add,
    /// It is changed or replaced.
    Modify,
    /// It is deleted.
    Remove,
    /// It is taken into the stack.
    Import,
    /// Known only when it is executed.
    Dynamic,
}

/// Whether a resource is made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Replacement {
    /// It stays.
    Never,
    /// That depends on values that are known only when it is executed.
    Conditional,
    /// A new one takes its place, and the old one is deleted.
    Always,
}

/// A property that a change set would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PropertyChange {
    /// The property, or `Tags`, `Metadata`, `DeletionPolicy`.
    pub name: String,
    /// The value before, where CloudFormation tells.
    pub before: Option<String>,
    /// The value after, where CloudFormation tells.
    pub after: Option<String>,
    /// Whether this property alone makes the resource anew.
    pub replacement: Replacement,
}

/// An event of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StackEvent {
    /// Its id.
    pub id: String,
    /// When.
    #[serde(skip)]
    pub at: SystemTime,
    /// The resource's logical id; the stack's name for the stack itself.
    pub logical_id: String,
    /// The resource's physical id; the stack's id for the stack itself.
    pub physical_id: String,
    /// The resource's type.
    pub kind: String,
    /// The resource's status.
    pub status: ResourceStatus,
    /// Why.
    pub reason: Option<String>,
    /// The token of the call that started it.
    pub token: Option<String>,
}

/// A stack to delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteRequest {
    /// The stack's id.
    pub stack: String,
    /// Logical ids of resources to leave; only after a deletion failed.
    pub retain: Vec<String>,
    /// Whether resources that cannot be deleted are left behind; only after a deletion failed.
    pub force: bool,
    /// Makes a repeated call do nothing.
    pub token: String,
}

//! Whether a caller may do something with an object: one function for every route and every kind of object.
//!
//! It judges the object that was loaded, never an id of a request: a document is looked at with the collection and the
//! repository that it is of, so that no path leads to what belongs elsewhere. What a caller may not see does not exist.

use lisa_auth::Caller;
use lisa_store::documents::{Collection, Document, Job, Repository};

use crate::error::Error;

/// What a caller wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// See it, search in it.
    Read,
    /// Put documents into it, stop a job.
    Write,
    /// Change what it is.
    Manage,
    /// Take it away.
    Delete,
}

/// An object with all that it is of.
#[derive(Clone, Copy, Debug)]
pub enum Resource<'a> {
    /// A repository.
    Repository(&'a Repository),
    /// A collection of a repository.
    Collection(&'a Repository, &'a Collection),
    /// A document of a collection.
    Document(&'a Repository, &'a Collection, &'a Document),
    /// A job of a repository, with the collection that it is about as far as that is still there.
    Job(&'a Repository, Option<&'a Collection>, &'a Job),
}

/// Whether the caller may do it; the error says why not, or that there is no such thing.
pub fn authorize(caller: &Caller, act: Act, resource: Resource<'_>) -> Result<(), Error> {
    if !is_seen(caller, resource) {
        return Err(missing(resource));
    }
    let is_allowed = match (resource, act) {
        (_, Act::Read) | (Resource::Repository(_) | Resource::Collection(..), Act::Write) => true,
        (Resource::Repository(_), Act::Delete) => caller.is_admin,
        (Resource::Repository(_) | Resource::Collection(..), Act::Manage | Act::Delete) => {
            caller.is_rag_admin
        }
        (Resource::Document(_, _, document), _) => caller.is_admin || document.username == caller.subject,
        (Resource::Job(_, _, job), _) => caller.is_admin || job.username == caller.subject,
    };
    if is_allowed {
        return Ok(());
    }
    Err(Error::Forbidden(match resource {
        Resource::Repository(_) => "this is for administrators",
        Resource::Collection(..) => "this is for administrators of repositories",
        Resource::Document(..) => "a document is changed by who put it in, and by administrators",
        Resource::Job(..) => "a job is stopped by who began it, and by administrators",
    }))
}

/// Whether the object is for the caller at all, and is where the request looks for it.
fn is_seen(caller: &Caller, resource: Resource<'_>) -> bool {
    let repository_is =
        |repository: &Repository| caller.is_admin || caller.is_in_any(&repository.allowed_groups);
    let collection_is = |repository: &Repository, collection: &Collection| {
        repository_is(repository)
            && collection.repository_id == repository.repository_id
            && (caller.is_admin || caller.is_in_any(&collection.allowed_groups))
    };
    match resource {
        Resource::Repository(repository) => repository_is(repository),
        Resource::Collection(repository, collection) => collection_is(repository, collection),
        Resource::Document(repository, collection, document) => {
            collection_is(repository, collection)
                && document.repository_id == repository.repository_id
                && document.collection_id == collection.collection_id
        }
        Resource::Job(repository, collection, job) => {
            repository_is(repository)
                && job.repository_id == repository.repository_id
                && collection.map_or(caller.is_admin || job.username == caller.subject, |collection| {
                    collection_is(repository, collection) && job.collection_id == collection.collection_id
                })
        }
    }
}

fn missing(resource: Resource<'_>) -> Error {
    match resource {
        Resource::Repository(repository) => Error::not_found("repository", &repository.repository_id),
        Resource::Collection(_, collection) => Error::not_found("collection", &collection.collection_id),
        Resource::Document(_, _, document) => Error::not_found("document", &document.document_id),
        Resource::Job(_, _, job) => Error::not_found("job", &job.job_id),
    }
}

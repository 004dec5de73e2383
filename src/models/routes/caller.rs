//! Who calls, and whether they may: decided here once more, by role and method, so that a route that API Gateway was told
//! wrongly of is not open.

use axum::extract::{FromRequestParts, MatchedPath};
use http::StatusCode;
use http::request::Parts;
use lisa_auth::Caller;
use lisa_auth::access::{self, Level};
use lisa_service::{Identity, Problem};

use super::Shared;
use crate::management::Asker;

/// Somebody who has shown who they are, and may use the route.
#[derive(Debug)]
pub(super) struct User(pub(super) Asker);

/// An administrator.
#[derive(Debug)]
pub(super) struct Admin;

impl FromRequestParts<Shared> for User {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let Identity(caller) = Identity::from_request_parts(parts, shared).await?;
        if level(parts).admits(&caller) { Ok(Self(caller.into())) } else { Err(forbidden()) }
    }
}

impl FromRequestParts<Shared> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let User(asker) = User::from_request_parts(parts, shared).await?;
        if asker.is_admin { Ok(Self) } else { Err(forbidden()) }
    }
}

impl From<Caller> for Asker {
    fn from(caller: Caller) -> Self {
        Self { is_admin: caller.is_admin, groups: caller.groups.into_iter().collect() }
    }
}

/// Who may use the route that a request has led to.
fn level(parts: &Parts) -> Level {
    let path = parts.extensions.get::<MatchedPath>().map_or("", |path| path.as_str());
    access::rest(parts.method.as_str(), &path.replace("{model_id}", "{modelId}"))
}

fn forbidden() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "Forbidden", "this is for administrators")
}

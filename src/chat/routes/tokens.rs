//! `/api-tokens`: tokens that programs call the gateway with. A token is shown once, and stored as its hash.

use axum::Json;
use axum::extract::{Path, State as Shared};
use lisa_api::people::{CreateToken, CreatedToken, Token, TokenList};
use lisa_api::sessions::Deleted;
use lisa_auth::{Caller, api_token};
use lisa_service::{Identity, Json as Body};
use lisa_store::tokens::{Row, Tokens};

use crate::authorize::{Action, Resource, authorize};
use crate::{Error, State, clock};

/// Seconds for which a token is good where nobody says: 90 days, as upstream has it.
const LASTS: i64 = 90 * 24 * 60 * 60;

fn tokens(state: &State) -> Result<&Tokens, Error> {
    state.tokens.as_ref().ok_or(Error::NotDeployed("table of API tokens"))
}

fn may(caller: &Caller, action: Action, token: &Token) -> bool {
    authorize(caller, action, Resource::Token { owner: &token.username, is_legacy: token.is_legacy })
}

async fn rows(state: &State) -> Result<Vec<Row>, Error> {
    // A row without an id is named as the gateway names who calls with it.
    let id = |key: &str| api_token::key_of(key).chars().take(16).collect();
    Ok(tokens(state)?.list(id, clock::seconds()).await?)
}

/// The tokens that the caller may see.
pub(super) async fn list(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
) -> Result<Json<TokenList>, Error> {
    let rows = rows(&state).await?;
    let seen = rows.into_iter().map(|row| row.token).filter(|token| may(&caller, Action::Read, token));
    Ok(Json(TokenList { tokens: seen.collect() }))
}

async fn load(state: &State, caller: &Caller, action: Action, id: &str) -> Result<Row, Error> {
    let row = rows(state).await?.into_iter().find(|row| row.token.id == id);
    row.filter(|row| may(caller, action, &row.token)).ok_or(Error::NotFound("API token"))
}

/// A token, without what it is.
pub(super) async fn get(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
) -> Result<Json<Token>, Error> {
    Ok(Json(load(&state, &caller, Action::Read, &id).await?.token))
}

/// Deletes a token: whoever calls with it is refused from then on.
pub(super) async fn delete(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, Error> {
    let row = load(&state, &caller, Action::Delete, &id).await?;
    Ok(Json(Deleted { deleted: tokens(&state)?.delete(&row.key).await? }))
}

/// Makes the caller's own token: one for each person, with no more groups than the caller's.
pub(super) async fn make_own(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Body(mut asked): Body<CreateToken>,
) -> Result<Json<CreatedToken>, Error> {
    let owner = caller.subject.clone();
    if !authorize(&caller, Action::Write, Resource::Token { owner: &owner, is_legacy: false }) {
        return Err(Error::Forbidden("making API tokens is for administrators and the API group"));
    }
    let mut taken = rows(&state).await?.into_iter().map(|row| row.token);
    if taken.any(|token| token.username == owner && !token.is_system_token && !token.is_legacy) {
        return Err(Error::Invalid(lisa_api::FieldError::new(
            "",
            "there is a token of yours already; delete it first",
        )));
    }
    if asked.groups.is_empty() {
        asked.groups = caller.groups.iter().cloned().collect();
    } else if !asked.groups.iter().all(|group| caller.groups.contains(group)) {
        return Err(Error::field("groups", "names a group that you are not in"));
    }
    asked.is_system_token = false;
    make(&state, &caller, &owner, asked).await
}

/// Makes a token for anybody, with any groups.
pub(super) async fn make_for(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(owner): Path<String>,
    Body(asked): Body<CreateToken>,
) -> Result<Json<CreatedToken>, Error> {
    let may = authorize(&caller, Action::Write, Resource::Token { owner: &owner, is_legacy: false });
    if !(may && caller.is_admin) {
        return Err(Error::Forbidden("making API tokens for others is for administrators"));
    }
    make(&state, &caller, &owner, asked).await
}

async fn make(
    state: &State,
    caller: &Caller,
    owner: &str,
    asked: CreateToken,
) -> Result<Json<CreatedToken>, Error> {
    let now = clock::seconds();
    let ends = asked.token_expiration.unwrap_or(now + LASTS);
    if ends <= now {
        return Err(Error::field("tokenExpiration", "has to be in the future, in seconds since 1970"));
    }
    if owner.is_empty() || owner.len() > 200 || asked.name.chars().count() > 200 {
        return Err(Error::field("name", "has to have up to 200 characters, and its owner 1 to 200"));
    }
    let token = api_token::generate().map_err(|error| Error::Unreadable(error.to_string()))?;
    let described = Token {
        id: clock::new_id()?,
        username: owner.to_owned(),
        name: asked.name,
        groups: asked.groups,
        token_expiration: Some(ends),
        created_date: Some(now),
        created_by: caller.subject.clone(),
        is_system_token: asked.is_system_token,
        is_expired: false,
        is_legacy: false,
    };
    tokens(state)?.add(&api_token::key_of(&token), &described).await?;
    Ok(Json(CreatedToken { token, described }))
}

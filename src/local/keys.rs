//! Who may call: holders of API tokens of the embedded table, and this process itself.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use lisa_api::settings::AuthSettings;
use lisa_auth::api_token::{self, Row};
use lisa_auth::sources::{SystemClock, Tokens, Unavailable};
use lisa_auth::{Authenticator, Caller, Policy, PolicyError, Via};
use lisa_signed::Wire;
use lisa_store::{EmbeddedTable, Item, Key, Table as _};
use serde_json::Value;

use crate::options::Provider;

/// The group of who administers this machine's LISA, where no provider names one.
const ADMINISTRATORS: &str = "administrators";

/// The subject of the user of this machine: everything of theirs belongs to it.
const USER: &str = "local";

/// The table of tokens, and the key of this process.
struct Known {
    table: EmbeddedTable,
    own: String,
}

#[async_trait]
impl Tokens for Known {
    async fn get(&self, key: &str) -> Result<Option<Row>, Unavailable> {
        if key == self.own {
            return Ok(Some(administrator()));
        }
        let found = self.table.get(&Key::new(key)).await;
        Ok(found.map_err(|error| Unavailable(error.to_string()))?.as_ref().map(row))
    }
}

fn administrator() -> Row {
    Row { user: Some(USER.to_owned()), groups: [ADMINISTRATORS.to_owned()].into(), ..Row::default() }
}

/// A row of the table, by the names that the token API writes.
fn row(item: &Item) -> Row {
    let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    let groups = item.get("groups").and_then(Value::as_array).into_iter().flatten();
    Row {
        expires: item.get("tokenExpiration").and_then(Value::as_i64),
        id: text("tokenUUID"),
        user: text("username"),
        groups: groups.filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// What the user of this machine is called, where the system says it.
pub(crate) fn user_name() -> Option<String> {
    std::env::var("USER").ok().filter(|name| !name.is_empty())
}

/// The user of this machine, as the page's services know them.
pub(crate) fn user() -> Caller {
    Caller {
        subject: USER.to_owned(),
        name: user_name().unwrap_or_else(|| USER.to_owned()),
        groups: [ADMINISTRATORS.to_owned()].into(),
        via: Via::OpenId,
        is_admin: true,
        is_rag_admin: true,
        may_make_tokens: true,
    }
}

/// A key for the user's own programs, written down as its hash; none where there is one already.
pub(crate) async fn first_key(table: &EmbeddedTable) -> Result<Option<String>, Box<dyn std::error::Error>> {
    if !table.scan(Some(1), None).await?.items.is_empty() {
        return Ok(None);
    }
    let token = api_token::generate()?;
    let id = api_token::new_id()?;
    let texts = [
        ("token", api_token::key_of(&token)),
        ("tokenUUID", id),
        ("username", USER.to_owned()),
        ("name", "first key".to_owned()),
    ];
    let mut item: Item = texts.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    item.insert("groups".to_owned(), vec![ADMINISTRATORS].into());
    // The deployment's own, so to speak: a person may make one token, and this is not the one.
    item.insert("isSystemToken".to_owned(), true.into());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    item.insert("createdDate".to_owned(), now.as_secs().into());
    table.put(item, None).await?;
    Ok(Some(token))
}

/// The rules by which callers are let in; `own` is the key of this process.
pub(crate) fn authenticator(
    table: EmbeddedTable,
    own: &str,
    provider: Option<&Provider>,
    wire: &Wire,
) -> Result<Authenticator, PolicyError> {
    let settings = AuthSettings {
        use_auth: "true".to_owned(),
        token_table: Some(table.described().name.to_owned()),
        authority: provider.map(|provider| provider.authority.clone()),
        client_id: provider.map(|provider| provider.client_id.clone()),
        admin_group: Some(
            provider
                .and_then(|provider| provider.admin_group.clone())
                .unwrap_or_else(|| ADMINISTRATORS.to_owned()),
        ),
        user_group: None,
        api_group: None,
        rag_admin_group: None,
        groups_property: provider.and_then(|provider| provider.groups_property.clone()),
        management_secret: None,
    };
    let policy = Policy::new(&settings)?;
    let tokens = Known { table, own: api_token::key_of(own) };
    let authenticator = Authenticator::new(policy, Arc::new(SystemClock)).with_tokens(Arc::new(tokens));
    Ok(match provider {
        None => authenticator,
        Some(_) => authenticator.with_provider(Arc::new(lisa_auth::aws::Provider::new(wire.clone()))),
    })
}

//! Signing in without a password: a link that the terminal shows is exchanged, once, for a cookie that scripts cannot
//! read. Who can read the terminal of this machine's user is that user.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use lisa_api::tables;
use lisa_auth::api_token;
use lisa_auth::sources::Unavailable;
use lisa_store::{EmbeddedTable, Item, Key, Table as _};

/// For how long a browser stays signed in.
const LASTS: Duration = Duration::from_hours(30 * 24);

/// The cookie. Its name holds the port: cookies do not, and two of these processes may run.
const COOKIE_NAME: &str = "lisa-local";

/// Browsers that are signed in, by the SHA-256 of their cookies.
pub(crate) const TABLE: tables::Table = tables::Table {
    name: "sign-ins",
    partition: "cookie",
    sort: None,
    indexes: &[],
    time_to_live: Some("expires"),
};

/// The link that is valid once, and the browsers that have used one.
pub(crate) struct SignIn {
    port: u16,
    table: EmbeddedTable,
    state: Mutex<State>,
}

struct State {
    /// The key of the link that has not been used yet.
    link: Option<String>,
    cookies: BTreeSet<String>,
}

impl SignIn {
    /// Remembers the browsers of the table; the text is the secret of a new link.
    pub(crate) async fn open(
        table: EmbeddedTable,
        port: u16,
    ) -> Result<(Self, String), Box<dyn std::error::Error>> {
        let secret = secret()?;
        let known = table.scan(None, None).await?.items;
        let cookies = known.iter().filter_map(|item| item["cookie"].as_str().map(str::to_owned)).collect();
        let state = State { link: Some(api_token::key_of(&secret)), cookies };
        Ok((Self { port, table, state: Mutex::new(state) }, secret))
    }

    /// The cookie for the secret of a link, as `Set-Cookie` has it; none for a link that was used or never given.
    pub(crate) async fn exchange(
        &self,
        secret_of_link: &str,
    ) -> Result<Option<HeaderValue>, Box<dyn std::error::Error>> {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.link.as_deref() != Some(api_token::key_of(secret_of_link).as_str()) {
                return Ok(None);
            }
            state.link = None;
        }
        let cookie = secret()?;
        let key = api_token::key_of(&cookie);
        let end = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default() + LASTS;
        let mut item = Item::new();
        item.insert("cookie".to_owned(), key.clone().into());
        item.insert("expires".to_owned(), end.as_secs().into());
        self.table.put(item, None).await?;
        self.state.lock().unwrap_or_else(PoisonError::into_inner).cookies.insert(key);
        Ok(Some(self.set_cookie(&cookie, LASTS)?))
    }

    /// Whether the request comes from a browser that is signed in.
    pub(crate) fn knows(&self, headers: &HeaderMap) -> bool {
        let Some(cookie) = self.cookie(headers) else { return false };
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.cookies.contains(&api_token::key_of(cookie))
    }

    /// Forgets the browser, and tells it to forget its cookie.
    pub(crate) async fn forget(
        &self,
        headers: &HeaderMap,
    ) -> Result<HeaderValue, Box<dyn std::error::Error>> {
        if let Some(cookie) = self.cookie(headers) {
            let key = api_token::key_of(cookie);
            self.table.delete(&Key::new(key.clone()), None).await?;
            self.state.lock().unwrap_or_else(PoisonError::into_inner).cookies.remove(&key);
        }
        Ok(self.set_cookie("", Duration::ZERO)?)
    }

    fn set_cookie(
        &self,
        value: &str,
        lasts: Duration,
    ) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
        // No `Secure`: loopback is spoken to without TLS. `Strict` keeps it from requests that other pages make.
        let (port, seconds) = (self.port, lasts.as_secs());
        HeaderValue::try_from(format!(
            "{COOKIE_NAME}-{port}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict"
        ))
    }

    fn cookie<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let name = format!("{COOKIE_NAME}-{}", self.port);
        let sent = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let mut pairs = sent.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(sent, value)| *sent == name && !value.is_empty()).map(|(_, value)| value)
    }
}

/// 32 random bytes as hexadecimal text.
fn secret() -> Result<String, Unavailable> {
    let token = api_token::generate()?;
    Ok(token.strip_prefix(api_token::PREFIX).unwrap_or(&token).to_owned())
}

#[cfg(test)]
mod tests {
    use lisa_store::Database;

    use super::*;

    async fn open(folder: &std::path::Path) -> (SignIn, String) {
        let table = Database::open(folder).unwrap().table(&TABLE).unwrap();
        SignIn::open(table, 8080).await.unwrap()
    }

    fn sent(set: &HeaderValue) -> HeaderMap {
        let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        HeaderMap::from_iter([(COOKIE, HeaderValue::try_from(format!("other=1; {pair}")).unwrap())])
    }

    #[tokio::test]
    async fn a_link_works_once() {
        let folder = tempfile::tempdir().unwrap();
        let (sign_in, link) = open(folder.path()).await;
        assert!(sign_in.exchange("guessed").await.unwrap().is_none());
        let cookie = sign_in.exchange(&link).await.unwrap().unwrap();
        assert!(sign_in.knows(&sent(&cookie)) && !sign_in.knows(&HeaderMap::new()));
        assert!(sign_in.exchange(&link).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_browser_stays_signed_in_over_a_restart_until_it_signs_out() {
        let folder = tempfile::tempdir().unwrap();
        let (sign_in, link) = open(folder.path()).await;
        let cookie = sign_in.exchange(&link).await.unwrap().unwrap();
        drop(sign_in);
        let (sign_in, _) = open(folder.path()).await;
        assert!(sign_in.knows(&sent(&cookie)));
        sign_in.forget(&sent(&cookie)).await.unwrap();
        assert!(!sign_in.knows(&sent(&cookie)));
        drop(sign_in);
        assert!(!open(folder.path()).await.0.knows(&sent(&cookie)));
    }

    #[tokio::test]
    async fn the_file_holds_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let (sign_in, link) = open(folder.path()).await;
        let cookie = sign_in.exchange(&link).await.unwrap().unwrap();
        let value = cookie.to_str().unwrap().split(['=', ';']).nth(1).unwrap().to_owned();
        drop(sign_in);
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(value.len()).any(|window| window == value.as_bytes()));
        }
    }
}

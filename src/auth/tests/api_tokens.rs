//! API tokens in both forms, the management key, and settings that must not start.

use std::sync::atomic::Ordering;

use super::provider::{START, World, ask, settings};
use crate::api_token::{PREFIX, generate, key_of};
use crate::{Credential, Policy, PolicyError, Refusal, Via};

#[tokio::test]
async fn the_documented_rows_work() {
    let world = World::new(Vec::new());
    world.put("clear-token", None, &[]);
    world.put("ends-soon", Some(START + 10), &[]);
    world.put("ended", Some(START), &[]);
    let authenticator = world.authenticator();
    let caller = ask(&authenticator, "clear-token").await.expect("the caller");
    assert!(matches!(caller.via, Via::ApiToken(_)));
    assert!(!caller.is_admin && !caller.may_make_tokens);
    assert!(!format!("{caller:?}").contains("clear-token"), "the token itself is told to nobody");
    ask(&authenticator, "ends-soon").await.expect("the caller");
    assert_eq!(ask(&authenticator, "ended").await, Err(Refusal::Expired));
    world.pass(11);
    assert_eq!(ask(&authenticator, "ends-soon").await, Err(Refusal::Expired));
}

#[tokio::test]
async fn a_hashed_row_is_found_by_its_token_and_never_by_its_key() {
    let world = World::new(Vec::new());
    let token = generate().expect("a token");
    assert!(token.starts_with(PREFIX));
    world.put(&key_of(&token), None, &["admins"]);
    let authenticator = world.authenticator();
    assert!(ask(&authenticator, &token).await.expect("the caller").is_admin);
    assert!(ask(&authenticator, &key_of(&token)).await.is_err(), "who reads the table cannot call");
    assert_ne!(generate().expect("a token"), token);
}

#[tokio::test]
async fn a_revoked_token_ends_within_ten_seconds() {
    let world = World::new(Vec::new());
    world.put("token", None, &[]);
    let authenticator = world.authenticator();
    ask(&authenticator, "token").await.expect("the caller");
    let asked = world.looked_up.load(Ordering::SeqCst);
    ask(&authenticator, "token").await.expect("the caller");
    assert_eq!(world.looked_up.load(Ordering::SeqCst), asked, "remembered");
    world.rows.lock().unwrap().clear();
    world.pass(9);
    assert!(ask(&authenticator, "token").await.is_err());
}

#[tokio::test]
async fn the_management_key_and_the_one_before_it_pass() {
    let world = World::new(Vec::new());
    let authenticator = world.authenticator();
    for key in ["management-now", "management-before"] {
        assert!(ask(&authenticator, key).await.expect("the caller").is_admin);
    }
    assert!(ask(&authenticator, "management-next").await.is_err());
    *world.management.lock().unwrap() = vec!["management-next".to_owned(), "management-now".to_owned()];
    world.pass(301);
    ask(&authenticator, "management-next").await.expect("after the rotation");
    assert!(ask(&authenticator, "management-before").await.is_err(), "two rotations ago");
}

#[tokio::test]
async fn a_table_that_does_not_answer_lets_nobody_in_and_is_asked_again() {
    let world = World::new(Vec::new());
    world.put("token", None, &[]);
    *world.is_down.lock().unwrap() = true;
    let authenticator = world.authenticator();
    assert!(matches!(ask(&authenticator, "token").await, Err(Refusal::Unavailable(_))));
    *world.is_down.lock().unwrap() = false;
    ask(&authenticator, "token").await.expect("at once");
}

#[test]
fn headers() {
    let from = |authorization: &[&str], key: &[&str]| {
        let bytes = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
        let (authorization, key) = (bytes(authorization), bytes(key));
        Credential::from_headers(authorization.iter().map(Vec::as_slice), key.iter().map(Vec::as_slice))
    };
    let same = Credential::parse(b"token").expect("a credential");
    for headers in [
        (vec!["Bearer token"], vec![]),
        (vec!["bearer  token "], vec![]),
        (vec!["token"], vec![]),
        (vec![], vec!["token"]),
        (vec![], vec!["Bearer token"]),
        (vec!["Bearer token"], vec!["other"]),
    ] {
        assert_eq!(from(&headers.0, &headers.1).as_ref(), Ok(&same), "{headers:?}");
    }
    for headers in [vec![], vec![""], vec!["Bearer"], vec!["Bearer "], vec!["  "]] {
        assert_eq!(from(&headers, &[]), Err(Refusal::Missing), "{headers:?}");
    }
    for headers in
        [vec!["Basic dXNlcg=="], vec!["a", "b"], vec!["Bearer a b"], vec!["to\u{0}ken"], vec!["tök"]]
    {
        assert!(matches!(from(&headers, &[]), Err(Refusal::Invalid(_))), "{headers:?}");
    }
    assert_eq!(format!("{same:?}"), "Credential(..)");
}

#[test]
fn settings_that_let_in_the_wrong_people_do_not_start() {
    let mut open = settings();
    open.client_id = None;
    assert_eq!(Policy::new(&open), Err(PolicyError::NoClient));
    let mut plain = settings();
    plain.authority = Some("http://id.example.com".to_owned());
    assert!(matches!(Policy::new(&plain), Err(PolicyError::NotHttps(_))));
    plain.authority = Some("http://localhost.example.com".to_owned());
    assert!(matches!(Policy::new(&plain), Err(PolicyError::NotHttps(_))));
    plain.authority = Some("http://127.0.0.1:8080/realm".to_owned());
    assert!(Policy::new(&plain).is_ok());
    let mut closed = settings();
    (closed.authority, closed.token_table, closed.management_secret) = (None, None, None);
    assert_eq!(Policy::new(&closed), Err(PolicyError::NoWayIn));
    let mut typing = settings();
    typing.use_auth = "True".to_owned();
    assert!(matches!(Policy::new(&typing), Err(PolicyError::Switch(_))));
}

#[tokio::test]
async fn with_authentication_off_everybody_is_a_user_and_nobody_an_administrator() {
    let world = World::new(Vec::new());
    let mut off = settings();
    off.use_auth = "false".to_owned();
    let caller = ask(&world.authenticator_of(&off), "anything").await.expect("anybody");
    assert!(!caller.is_admin && caller.via == Via::Nothing);
}

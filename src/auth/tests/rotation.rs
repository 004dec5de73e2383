//! Keys that change, providers that do not answer, and what is remembered meanwhile.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::provider::{Signer, World, ask, claims};
use crate::Refusal;

fn token(signer: &Signer, id: &str, subject: &str) -> String {
    let mut claims = claims();
    claims["sub"] = json!(subject);
    claims["exp"] = json!(super::provider::START + 200_000);
    signer.token(&json!({ "alg": "RS256", "kid": id }), &claims)
}

fn documents(world: &World) -> usize {
    world.fetched.load(Ordering::SeqCst)
}

fn set_keys(world: &World, keys: Vec<Value>) {
    *world.keys.lock().unwrap() = keys;
}

#[tokio::test]
async fn a_known_token_costs_no_call() {
    let signer = Signer::rsa();
    let world = World::new(vec![signer.jwk("a")]);
    let authenticator = world.authenticator();
    let token = token(&signer, "a", "user-1");
    for _ in 0..10 {
        ask(&authenticator, &token).await.expect("the caller");
    }
    assert_eq!(documents(&world), 2, "the discovery document and the keys, once");
}

#[tokio::test]
async fn a_new_key_is_found_and_unknown_ones_do_not_flood_the_provider() {
    let (old, new) = (Signer::rsa(), Signer::rsa());
    let world = World::new(vec![old.jwk("old")]);
    let authenticator = world.authenticator();
    ask(&authenticator, &token(&old, "old", "a")).await.expect("the old key");
    set_keys(&world, vec![old.jwk("old"), new.jwk("new")]);
    world.pass(31);
    ask(&authenticator, &token(&new, "new", "b")).await.expect("the new key");
    let before = documents(&world);
    for number in 0..100 {
        let forged = token(&new, &format!("unknown-{number}"), "c");
        assert!(ask(&authenticator, &forged).await.is_err());
    }
    assert_eq!(documents(&world), before, "within the pause the provider is left alone");
    assert!(ask(&authenticator, &token(&old, "old", "d")).await.is_ok(), "good callers pass meanwhile");
}

#[tokio::test]
async fn a_key_that_was_taken_back_ends_within_the_hour() {
    let (old, new) = (Signer::rsa(), Signer::rsa());
    let world = World::new(vec![old.jwk("old")]);
    let authenticator = world.authenticator();
    let stolen = token(&old, "old", "thief");
    ask(&authenticator, &stolen).await.expect("still good");
    set_keys(&world, vec![new.jwk("new")]);
    world.pass(3601);
    assert!(matches!(ask(&authenticator, &stolen).await, Err(Refusal::Invalid(_))));
}

#[tokio::test]
async fn a_provider_that_is_down_is_outlived_for_a_day() {
    let signer = Signer::rsa();
    let world = World::new(vec![signer.jwk("a")]);
    let authenticator = world.authenticator();
    ask(&authenticator, &token(&signer, "a", "one")).await.expect("the caller");
    *world.is_down.lock().unwrap() = true;
    world.pass(7200);
    ask(&authenticator, &token(&signer, "a", "two")).await.expect("with the keys of two hours ago");
    world.pass(86_400);
    let late = ask(&authenticator, &token(&signer, "a", "three")).await;
    assert!(matches!(late, Err(Refusal::Unavailable(_))), "{late:?}");
    *world.is_down.lock().unwrap() = false;
    world.pass(31);
    ask(&authenticator, &token(&signer, "a", "three")).await.expect("as soon as the provider is back");
}

#[tokio::test]
async fn a_provider_that_calls_itself_otherwise_is_not_believed() {
    let signer = Signer::rsa();
    let world = World::new(vec![signer.jwk("a")]);
    *world.issuer.lock().unwrap() = "https://evil.example.com".to_owned();
    let answer = ask(&world.authenticator(), &token(&signer, "a", "one")).await;
    assert!(matches!(answer, Err(Refusal::Unavailable(_))), "{answer:?}");
}

#[tokio::test]
async fn keys_that_sign_nothing_here_are_passed_over() {
    let signer = Signer::rsa();
    let mut encryption = signer.jwk("enc");
    encryption["use"] = json!("enc");
    let strange = json!({ "kty": "OKP-next", "kid": "x", "future": [1, 2] });
    let world = World::new(vec![strange, encryption, json!("text"), signer.jwk("a")]);
    let authenticator = world.authenticator();
    ask(&authenticator, &token(&signer, "a", "one")).await.expect("the key that signs");
    assert!(ask(&authenticator, &token(&signer, "enc", "one")).await.is_err());
}

#[tokio::test]
async fn callers_who_come_together_wait_for_one_answer() {
    let signer = Signer::rsa();
    let world = World::new(vec![signer.jwk("a")]);
    let authenticator = Arc::new(world.authenticator());
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let (authenticator, token) =
                (Arc::clone(&authenticator), token(&signer, "a", &format!("user-{number}")));
            tokio::spawn(async move { ask(&authenticator, &token).await.is_ok() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.expect("the task"));
    }
    assert_eq!(documents(&world), 2);
}

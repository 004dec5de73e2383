//! Tokens that must not pass, one property wrong in each.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::provider::{CLIENT, ISSUER, START, Signer, World, ask, claims, text};
use crate::Refusal;

/// The provider's keys, and somebody else's.
struct Keys {
    rsa: Signer,
    p256: Signer,
    p384: Signer,
    foreign: Signer,
}

fn changed(mut value: Value, name: &str, to: Value) -> Value {
    match to {
        Value::Null => drop(value.as_object_mut().expect("an object").remove(name)),
        to => value[name] = to,
    }
    value
}

fn header() -> Value {
    json!({ "alg": "RS256", "typ": "JWT", "kid": "rsa" })
}

/// Claims with one of them wrong.
fn wrong_claims() -> Vec<(&'static str, Value)> {
    let with = |name, to| changed(claims(), name, to);
    vec![
        ("no iss", with("iss", Value::Null)),
        ("other iss", with("iss", json!("https://evil.example.com"))),
        ("iss with a slash", with("iss", json!(format!("{ISSUER}/")))),
        ("iss in capitals", with("iss", json!(ISSUER.to_uppercase()))),
        ("iss as a list", with("iss", json!([ISSUER]))),
        ("iss as a prefix", with("iss", json!(format!("{ISSUER}.evil.example.com")))),
        ("no aud", with("aud", Value::Null)),
        ("other aud", with("aud", json!("another"))),
        ("empty aud", with("aud", json!(""))),
        ("empty list of aud", with("aud", json!([]))),
        ("aud that holds the client", with("aud", json!(format!("{CLIENT}-2")))),
        ("aud as an object", with("aud", json!({ CLIENT: true }))),
        ("aud in a list of others", with("aud", json!(["a", "b"]))),
        ("aud for us by another party", with("azp", json!("another"))),
        ("no exp", with("exp", Value::Null)),
        ("exp as text", with("exp", json!((START + 3600).to_string()))),
        ("exp as a list", with("exp", json!([]))),
        ("long expired", with("exp", json!(START - 86_400))),
        ("expired past the leeway", with("exp", json!(START - 60))),
        ("exp of zero", with("exp", json!(0))),
        ("negative exp", with("exp", json!(-1))),
        ("nbf in the future", with("nbf", json!(START + 61))),
        ("nbf as text", with("nbf", json!("now"))),
        ("iat in the future", with("iat", json!(START + 3600))),
        ("no sub", with("sub", Value::Null)),
        ("empty sub", with("sub", json!(""))),
        ("sub as a number", with("sub", json!(1))),
        ("access token of another client", {
            changed(with("token_use", json!("access")), "client_id", json!("another"))
        }),
        ("access token without a client", with("token_use", json!("access"))),
        (
            "access token with aud alone",
            changed(with("token_use", json!("access")), "client_id", Value::Null),
        ),
        ("refresh token", with("token_use", json!("refresh"))),
        ("id token without aud", changed(with("token_use", json!("id")), "aud", Value::Null)),
        (
            "client_id against azp",
            changed(changed(with("aud", json!("api")), "azp", json!("x")), "client_id", json!("y")),
        ),
        ("in no group", with("groups", Value::Null)),
        ("group within another's name", with("groups", json!(["power-users"]))),
        ("groups as text of another", with("groups", json!("superusers"))),
        ("groups as an object", with("groups", json!({ "users": true }))),
        ("groups in a list of lists", with("groups", json!([["users"]]))),
    ]
}

/// Headers that the provider's own key has signed, with one property wrong.
fn wrong_headers() -> Vec<(&'static str, Value)> {
    let with = |name, to| changed(header(), name, to);
    vec![
        ("no alg", with("alg", Value::Null)),
        ("alg none", with("alg", json!("none"))),
        ("alg None", with("alg", json!("None"))),
        ("empty alg", with("alg", json!(""))),
        ("alg as a list", with("alg", json!(["RS256"]))),
        ("alg in small letters", with("alg", json!("rs256"))),
        ("EdDSA over an RSA key", with("alg", json!("EdDSA"))),
        ("ES256 over an RSA key", with("alg", json!("ES256"))),
        ("kid of an EC key", with("kid", json!("p256"))),
        ("kid that is not there", with("kid", json!("unknown"))),
        ("kid as a number", with("kid", json!(1))),
        ("kid as a path", with("kid", json!("../../rsa"))),
        ("empty kid", with("kid", json!(""))),
        ("no kid among several keys of the kind", with("kid", Value::Null)),
        ("crit", with("crit", json!(["exp"]))),
        ("empty crit", with("crit", json!([]))),
        ("unencoded payload", with("b64", json!(false))),
        ("encrypted", with("enc", json!("A128GCM"))),
    ]
}

/// Tokens that are wrong in other ways.
fn forged(keys: &Keys) -> Vec<(&'static str, String)> {
    let good = keys.rsa.token(&header(), &claims());
    let [head, body, signature]: [&str; 3] =
        good.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let admin = text(changed(claims(), "groups", json!(["admins"])).to_string().as_bytes());
    let confused = Signer::Hmac(keys.rsa.public_der());
    let with_key = changed(header(), "jwk", keys.foreign.jwk("rsa"));
    let with_url = changed(header(), "jku", json!("https://evil.example.com/jwks"));
    let hs256 = json!({ "alg": "HS256", "typ": "JWT", "kid": "rsa" });
    let p384 = json!({ "alg": "ES384", "kid": "p256" });
    vec![
        ("another's signature", keys.foreign.token(&header(), &claims())),
        ("another's key in the header", keys.foreign.token(&with_key, &claims())),
        ("another's keys by URL", keys.foreign.token(&with_url, &claims())),
        ("a changed body", format!("{head}.{admin}.{signature}")),
        ("a cut signature", format!("{head}.{body}.{}", &signature[..signature.len() - 4])),
        ("no signature", format!("{head}.{body}.")),
        ("another token's signature", {
            let other = keys.rsa.token(&header(), &changed(claims(), "sub", json!("user-2")));
            format!("{head}.{body}.{}", other.rsplit('.').next().expect("a signature"))
        }),
        ("the public key as a secret", confused.token(&hs256, &claims())),
        ("a secret of the attacker", Signer::Hmac(b"secret".to_vec()).token(&hs256, &claims())),
        ("an empty secret", Signer::Hmac(Vec::new()).token(&hs256, &claims())),
        ("a curve of another size", keys.p384.token(&p384, &claims())),
        ("two parts", format!("{head}.{body}")),
        ("four parts", format!("{good}.{signature}")),
        ("five parts", format!("{head}.{body}.{signature}.{body}.{signature}")),
        ("a body that is a list", keys.rsa.token(&header(), &json!([]))),
        ("a body that is text", keys.rsa.token(&header(), &json!("x"))),
        ("a body that is no base64url", format!("{head}.{body}!.{signature}")),
        ("padded base64", format!("{head}=.{body}.{signature}")),
        ("standard base64", format!("{head}.{body}.{}+/", &signature[..signature.len() - 2])),
        ("oversized", format!("{head}.{}.{signature}", "A".repeat(17_000))),
    ]
}

#[tokio::test]
async fn none_of_them_passes() {
    let keys =
        Keys { rsa: Signer::rsa(), p256: Signer::p256(), p384: Signer::p384(), foreign: Signer::rsa() };
    let second = Signer::rsa();
    let world = World::new(vec![
        keys.rsa.jwk("rsa"),
        second.jwk("rsa2"),
        keys.p256.jwk("p256"),
        keys.p384.jwk("p384"),
    ]);
    let authenticator = world.authenticator();
    let claims_wrong =
        wrong_claims().into_iter().map(|(what, claims)| (what, keys.rsa.token(&header(), &claims)));
    let header_wrong =
        wrong_headers().into_iter().map(|(what, header)| (what, keys.rsa.token(&header, &claims())));
    let cases: Vec<(&str, String)> = claims_wrong.chain(header_wrong).chain(forged(&keys)).collect();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let mut answers = String::new();
    for (what, token) in &cases {
        let answer = ask(&authenticator, token).await;
        let refusal = answer.as_ref().expect_err(what);
        assert!(!matches!(refusal, Refusal::Unavailable(_)), "{what}: {refusal:?}");
        assert_eq!(answer, ask(&authenticator, token).await, "{what}: remembered");
        let _ = writeln!(answers, "{what}: {}", refusal.detail());
    }
    // Each for its own reason: a case that is refused for another one tests nothing.
    insta::assert_snapshot!(answers);
    let good = keys.rsa.token(&header(), &claims());
    assert_eq!(ask(&authenticator, &good).await.expect("the token that is right").subject, "user-1");
}

/// Each algorithm and form that must pass, so that the refusals above are not for everything.
#[tokio::test]
async fn what_is_right_passes() {
    let (rsa, p256, p384) = (Signer::rsa(), Signer::p256(), Signer::p384());
    let world = World::new(vec![rsa.jwk("rsa"), p256.jwk("p256"), p384.jwk("p384")]);
    let authenticator = world.authenticator();
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        let token = rsa.token(&json!({ "alg": algorithm, "kid": "rsa" }), &claims());
        assert!(ask(&authenticator, &token).await.is_ok(), "{algorithm}");
    }
    for (signer, algorithm, id) in [(&p256, "ES256", "p256"), (&p384, "ES384", "p384")] {
        let token = signer.token(&json!({ "alg": algorithm, "kid": id }), &claims());
        assert!(ask(&authenticator, &token).await.is_ok(), "{algorithm}");
    }
    let only = rsa.token(&json!({ "alg": "RS256" }), &claims());
    assert!(ask(&authenticator, &only).await.is_ok(), "the only RSA key needs no name");
    let access = json!({ "iss": ISSUER, "token_use": "access", "client_id": CLIENT, "sub": "user-1",
        "exp": START + 60, "groups": "users admins" });
    let caller =
        ask(&authenticator, &rsa.token(&header(), &access)).await.expect("an access token as Cognito's");
    assert!(caller.is_admin, "groups separated by spaces");
    for change in [
        ("aud", json!(["api", CLIENT])),
        ("azp", json!(CLIENT)),
        ("exp", json!(START - 59)),
        ("nbf", json!(START + 60)),
        ("exp", json!(1_900_003_600.5)),
        ("groups", json!(["admins"])),
        ("groups", json!(["librarians"])),
    ] {
        let token = rsa.token(&header(), &changed(claims(), change.0, change.1.clone()));
        assert!(ask(&authenticator, &token).await.is_ok(), "{change:?}");
    }
}

//! API tokens in DynamoDB: as the documentation's commands write them, and as `lisa token` does.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use lisa_auth::{Authenticator, Refusal};
use lisa_signed::{Session, Signed, service};
use lisa_testkit::Emulator;
use serde_json::{Value, json};

use super::{ACCOUNT, Operator, REGION, bearer, closed};

const TABLE: &str = "demo-LISAApiTokenTable";

/// The emulator with the table.
fn stage() -> Result<(Emulator, Session)> {
    let emulator = Emulator::start()?;
    let session = emulator.session(ACCOUNT, REGION)?;
    let table = json!({ "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "token", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "token", "AttributeType": "S" }] });
    call(&emulator, &session, "CreateTable", &table)?;
    Ok((emulator, session))
}

fn call(emulator: &Emulator, session: &Session, operation: &str, body: &Value) -> Result<Value> {
    Ok(emulator.block_on(Signed::new(session).json(&service::DYNAMODB, operation, body))?)
}

fn put(emulator: &Emulator, session: &Session, item: &Value) -> Result<()> {
    call(emulator, session, "PutItem", &json!({ "TableName": TABLE, "Item": item })).map(drop)
}

/// What a service has.
fn authenticator(session: &Session) -> Result<Authenticator> {
    let settings = lisa_api::settings::AuthSettings { token_table: Some(TABLE.to_owned()), ..closed() };
    Ok(lisa_auth::aws::authenticator(&settings, session)?)
}

fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// The items of the documentation, letter for letter.
#[test]
fn the_documented_items_open_the_door_until_they_end() -> Result<()> {
    let (emulator, session) = stage()?;
    put(&emulator, &session, &json!({ "token": { "S": "YOUR_STRING_HERE" } }))?;
    let end = |seconds: u64| json!({ "N": seconds.to_string() });
    put(&emulator, &session, &json!({ "token": { "S": "lasts" }, "tokenExpiration": end(now()? + 3600) }))?;
    put(&emulator, &session, &json!({ "token": { "S": "ended" }, "tokenExpiration": end(now()? - 1) }))?;
    let authenticator = authenticator(&session)?;
    let ask = |token: &str| emulator.block_on(authenticator.authenticate(bearer(token)));
    for token in ["YOUR_STRING_HERE", "lasts"] {
        let caller = ask(token).with_context(|| format!("{token} is let in"))?;
        ensure!(!caller.is_admin && !caller.may_make_tokens, "{caller:?}");
    }
    ensure!(ask("ended").err() == Some(Refusal::Expired), "it has ended");
    ensure!(matches!(ask("YOUR_STRING").err(), Some(Refusal::Invalid(_))), "a part of a token is none");
    // "Updating a Token": an end in the past takes its access away.
    let update = json!({ "TableName": TABLE, "Key": { "token": { "S": "lasts" } },
        "UpdateExpression": "SET tokenExpiration=:t", "ExpressionAttributeValues": { ":t": end(now()? - 600) } });
    call(&emulator, &session, "UpdateItem", &update)?;
    let ended = within_ten_seconds(|| ask("lasts").is_err());
    ensure!(ended, "and that is seen within ten seconds");
    Ok(())
}

#[test]
fn a_token_is_made_shown_once_listed_and_revoked() -> Result<()> {
    let (emulator, session) = stage()?;
    let operator = Operator::new(&emulator)?;
    put(&emulator, &session, &json!({ "token": { "S": "in-the-clear" } }))?;
    let made =
        operator.json(&["token", "create", "--user", "ada", "--group", "admins", "--expires", "1h"])?;
    let token = made["token"].as_str().context("a token")?.to_owned();
    let id = made["id"].as_str().context("an id")?.to_owned();
    ensure!(token.starts_with("sk-lisa-") && token.len() == 72, "{token}");

    let table = call(&emulator, &session, "Scan", &json!({ "TableName": TABLE }))?;
    ensure!(!table.to_string().contains(&token[8..]), "the table holds no token that was made");
    let listed = operator.lisa(&["token", "list"])?;
    ensure!(listed.contains(&id) && listed.contains("hashed") && listed.contains("clear"), "{listed}");
    ensure!(!listed.contains("in-the-clear") && !listed.contains(&token[8..]), "{listed}");

    let authenticator = authenticator(&session)?;
    let ask = || emulator.block_on(authenticator.authenticate(bearer(&token)));
    let caller = ask().context("the token that was made is let in")?;
    ensure!(caller.is_admin && caller.name == "ada", "{caller:?}");
    let hash = table.to_string();
    let key = hash.split('"').find(|text| text.len() == 64).context("the row's key")?;
    ensure!(
        emulator.block_on(authenticator.authenticate(bearer(key))).is_err(),
        "who reads the table cannot call"
    );

    operator.lisa(&["token", "revoke", &id])?;
    ensure!(within_ten_seconds(|| ask().is_err()), "the revocation is seen within ten seconds");
    let again = operator.run(&["token", "revoke", &id])?;
    ensure!(again.status.code() == Some(2), "{}", String::from_utf8_lossy(&again.stderr));
    let clear = operator.json(&["token", "list"])?[0]["id"].as_str().context("the other one")?.to_owned();
    operator.lisa(&["token", "revoke", &clear])?;
    ensure!(operator.lisa(&["token", "list"])?.contains("there is no token"), "both are gone");
    Ok(())
}

/// Asks until it is so, for as long as a revocation may take.
fn within_ten_seconds(is_so: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        if is_so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    false
}

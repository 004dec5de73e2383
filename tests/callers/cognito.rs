//! Cognito's tokens, as the emulator issues them: ID tokens, and access tokens, which have no `aud`.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use lisa_api::settings::AuthSettings;
use lisa_auth::sources::{Documents, SystemClock, Unavailable};
use lisa_auth::{Authenticator, Policy};
use lisa_signed::{Signed, Wire, service};
use lisa_testkit::Emulator;
use serde_json::{Value, json};

use super::{ACCOUNT, REGION, bearer, closed};

/// The emulator's documents under the addresses that they have in AWS.
struct Moved {
    wire: Wire,
    emulator: String,
    issuer: String,
    pool: String,
}

#[async_trait]
impl Documents for Moved {
    async fn get(&self, url: &str) -> Result<String, Unavailable> {
        let path =
            url.strip_prefix(&self.issuer).ok_or_else(|| Unavailable(format!("`{url}` is elsewhere")))?;
        if path == "/.well-known/openid-configuration" {
            let keys = format!("{}/.well-known/jwks.json", self.issuer);
            return Ok(json!({ "issuer": self.issuer, "jwks_uri": keys }).to_string());
        }
        let url = format!("{}/{}{path}", self.emulator, self.pool);
        let answer = self.wire.get(&url).await.map_err(Unavailable)?;
        Ok(String::from_utf8_lossy(answer.body()).into_owned())
    }
}

/// A pool with a client, and a member of a group; the tokens that she gets.
async fn sign_in(signed: &Signed) -> Result<(String, String, Value)> {
    let call = |operation: &'static str, body: Value| async move {
        signed.json(&service::COGNITO, operation, &body).await.with_context(|| operation)
    };
    let pool = call("CreateUserPool", json!({ "PoolName": "lisa" })).await?;
    let pool = pool["UserPool"]["Id"].as_str().context("a pool")?.to_owned();
    let client = call(
        "CreateUserPoolClient",
        json!({ "UserPoolId": pool, "ClientName": "page",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"] }),
    )
    .await?;
    let client = client["UserPoolClient"]["ClientId"].as_str().context("a client")?.to_owned();
    call("CreateGroup", json!({ "UserPoolId": pool, "GroupName": "admins" })).await?;
    call("AdminCreateUser", json!({ "UserPoolId": pool, "Username": "ada" })).await?;
    let password =
        json!({ "UserPoolId": pool, "Username": "ada", "Password": "Pass-word-1", "Permanent": true });
    call("AdminSetUserPassword", password).await?;
    let member = json!({ "UserPoolId": pool, "Username": "ada", "GroupName": "admins" });
    call("AdminAddUserToGroup", member).await?;
    let signed_in = call(
        "InitiateAuth",
        json!({ "ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "ada", "PASSWORD": "Pass-word-1" } }),
    )
    .await?;
    Ok((pool, client, signed_in["AuthenticationResult"].clone()))
}

#[test]
fn both_tokens_of_cognito_are_taken_with_their_groups() -> Result<()> {
    let emulator = Emulator::start_signing()?;
    let session = emulator.session(ACCOUNT, REGION)?;
    emulator.block_on(async {
        let (pool, client, tokens) = sign_in(&Signed::new(&session)).await?;
        let issuer = format!("https://cognito-idp.{REGION}.amazonaws.com/{pool}");
        let documents =
            Moved { wire: Wire::new(None)?, emulator: emulator.url(), issuer: issuer.clone(), pool };
        let settings = |client: &str| AuthSettings {
            authority: Some(issuer.clone()),
            client_id: Some(client.to_owned()),
            user_group: Some("admins".to_owned()),
            groups_property: Some("cognito:groups".to_owned()),
            ..closed()
        };
        let documents: Arc<dyn Documents> = Arc::new(documents);
        let authenticator = |client: &str| -> Result<Authenticator> {
            let policy = Policy::new(&settings(client))?;
            Ok(Authenticator::new(policy, Arc::new(SystemClock)).with_provider(Arc::clone(&documents)))
        };
        let (ours, others) = (authenticator(&client)?, authenticator("another")?);
        for kind in ["IdToken", "AccessToken"] {
            let token = tokens[kind].as_str().with_context(|| format!("{kind} in {tokens}"))?;
            let caller = ours.authenticate(bearer(token)).await.with_context(|| kind)?;
            ensure!(caller.is_admin, "{kind}: {caller:?}");
            ensure!(others.authenticate(bearer(token)).await.is_err(), "{kind} is for another client");
        }
        Ok(())
    })
}

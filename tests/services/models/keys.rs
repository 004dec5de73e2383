//! Keys of models elsewhere in the emulator's Secrets Manager, by the calls that model management makes.

use lisa_api::models::ApiKey;
use lisa_models::aws::{Deployment, SecretKey, world};
use lisa_signed::{Signed, service};
use lisa_testkit::Emulator;
use serde_json::json;

use super::place::REGION;

fn key(text: &str) -> ApiKey {
    ApiKey::of(&json!({ "apiKey": text })).unwrap().unwrap()
}

#[test]
fn a_key_is_made_rotated_removed_and_made_again() {
    let emulator = Emulator::start().unwrap();
    let session = emulator.session("000000000000", REGION).unwrap();
    let made = emulator.block_on(async {
        Signed::new(&session).json(&service::KMS, "CreateKey", &json!({})).await.unwrap()
    });
    let encrypts = made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
    let (table, machines) = ("demo-lisa-prod-models".to_owned(), Default::default());
    let deployment = Deployment { table, machines, secret_key: SecretKey::Arn(encrypts.clone()) };
    let models = world(&session, deployment).models;
    emulator.block_on(async {
        let now = async || models.key("gpt:4").await.unwrap();
        assert_eq!(now().await, None);
        models.remove_key("gpt:4").await.unwrap();
        for text in ["sk-one", "sk-two"] {
            models.keep_key("gpt:4", &key(text)).await.unwrap();
            assert_eq!(now().await.as_deref(), Some(text));
        }
        let signed = Signed::new(&session);
        let listed = signed.json(&service::SECRETS, "ListSecrets", &json!({})).await.unwrap();
        assert_eq!(listed["SecretList"][0]["Name"], "demo-lisa-prod-model-gpt=3A4");
        let described = json!({ "SecretId": listed["SecretList"][0]["ARN"] });
        let described = signed.json(&service::SECRETS, "DescribeSecret", &described).await.unwrap();
        assert_eq!(described["KmsKeyId"], encrypts);
        assert!(!listed.to_string().contains("sk-"), "{listed}");
        // Twice, as a workflow may; and the name is free at once.
        models.remove_key("gpt:4").await.unwrap();
        models.remove_key("gpt:4").await.unwrap();
        assert_eq!(now().await, None);
        models.keep_key("gpt:4", &key("sk-three")).await.unwrap();
        assert_eq!(now().await.as_deref(), Some("sk-three"));
    });
}

//! Documents that resources need again and again: TLS only, and a key's policy.

use super::action::Action;
use super::actions::kms;
use super::condition::{Condition, keys};
use super::policy::Policy;
use super::principal::Principal;
use super::statement::Statement;
use crate::value::Value;

/// Denies everyone every action of `service` on these resources unless the request comes over TLS. For a bucket name
/// both the bucket and its objects: `deny_insecure_transport("s3", [arn::s3_bucket(..), arn::s3_object(.., "*")])`.
pub fn deny_insecure_transport<V: Into<Value<String>>>(
    service: &'static str,
    resources: impl IntoIterator<Item = V>,
) -> Statement {
    Statement::deny([Action::all_of(service)])
        .on(resources)
        .to(Principal::any())
        .when(Condition::bool(keys::SECURE_TRANSPORT, false))
        .sid("DenyInsecureTransport")
}

/// What a service may do with a key.
#[derive(Clone, Debug)]
pub struct KeyGrant {
    principal: Principal,
    actions: Vec<Action>,
    conditions: Vec<Condition>,
}

impl KeyGrant {
    /// Encrypts and decrypts, as queues, topics, buckets and logs do for their callers; for this account's resources
    /// alone where `conditions` hold [`Condition::source_account`] or a pattern of the source's ARN.
    pub fn encrypt(principal: Principal, conditions: impl IntoIterator<Item = Condition>) -> Self {
        let actions = vec![
            kms::DECRYPT,
            kms::DESCRIBE_KEY,
            kms::ENCRYPT,
            kms::GENERATE_DATA_KEY,
            kms::GENERATE_DATA_KEY_WITHOUT_PLAINTEXT,
            kms::RE_ENCRYPT_FROM,
            kms::RE_ENCRYPT_TO,
        ];
        Self { principal, actions, conditions: conditions.into_iter().collect() }
    }

    /// Writes with data keys and reads again, as EventBridge, CloudWatch alarms and S3 do with an encrypted queue or
    /// topic.
    pub fn publish(principal: Principal, conditions: impl IntoIterator<Item = Condition>) -> Self {
        let actions = vec![kms::DECRYPT, kms::GENERATE_DATA_KEY];
        Self { principal, actions, conditions: conditions.into_iter().collect() }
    }

    /// Makes grants for AWS resources (encrypted volumes of an Auto Scaling group).
    pub fn create_grants(principal: Principal) -> Self {
        let conditions = vec![Condition::bool(keys::KMS_GRANT_IS_FOR_AWS_RESOURCE, true)];
        Self { principal, actions: vec![kms::CREATE_GRANT], conditions }
    }

    /// CloudWatch Logs of this region, for log groups of this account whose name matches (`/aws/lambda/app-*`). The
    /// service names the log group in the encryption context.
    pub fn logs(log_group: &str) -> Self {
        let arn = super::arn::regional("logs", &format!("log-group:{log_group}"));
        let condition = Condition::arn_like("kms:EncryptionContext:aws:logs:arn", arn);
        Self::encrypt(Principal::logs_in_region(), [condition])
    }

    fn into_statement(self) -> Statement {
        let statement = Statement::allow(self.actions).on_all().to(self.principal);
        self.conditions.into_iter().fold(statement, Statement::when)
    }
}

/// A key's policy: the account administers the key and grants its use through IAM, and the named services use it. In a
/// key's policy a resource of `*` is the key itself.
pub fn key_policy(grants: impl IntoIterator<Item = KeyGrant>) -> Policy {
    let administration = Statement::allow([Action::all_of("kms")])
        .on_all()
        .to(Principal::account_root())
        .sid("AccountAdministersThroughIam");
    let mut policy = Policy::new([administration]);
    policy.extend(grants.into_iter().map(KeyGrant::into_statement));
    policy
}

//! A PostgreSQL database with pgvector: made here, or existing.

use lisa_cfn::aws::ec2::{self, security_group::Ingress};
use lisa_cfn::aws::rds::{self, db_instance::MasterUserSecret};
use lisa_cfn::iam::{Statement, actions, arn};
use lisa_cfn::{Handle, Id, Json, Value};
use lisa_config::section::environment::{RemovalPolicy, SecurityProfile};
use lisa_config::section::rag::{ExistingDatabase, RdsConfig};
use lisa_names::RepositoryId;
use serde_json::json;

use super::stores::{Store, camel};
use crate::builder::StackBuilder;
use crate::shared::Shared;

/// PostgreSQL's major version, with pgvector's HNSW index. RDS picks the minor version that it offers in the region, so
/// that no version which it has withdrawn stands in a template.
///
/// The newest major is supported longest. cfn-lint (W3691) calls a major withdrawn as soon as one of its minors is, which
/// is so of every older one.
const MAJOR_VERSION: &str = "18";

/// As [`MAJOR_VERSION`], where services come years later.
const MAJOR_VERSION_OF_ISOLATED: &str = "16";

/// The instance class that upstream's database gets by default.
const INSTANCE_CLASS: &str = "db.m5.large";

/// Disk in GiB; it grows by itself up to ten times as much.
const STORAGE: u32 = 100;

pub(super) fn store(
    stack: &mut StackBuilder<'_>,
    id: &RepositoryId,
    config: &RdsConfig,
    origin: &str,
) -> Store {
    match &config.existing {
        Some(existing) => existing_database(config, existing),
        None => new_database(stack, id, config, origin),
    }
}

fn existing_database(config: &RdsConfig, existing: &ExistingDatabase) -> Store {
    let secret = existing.password_secret_id.as_ref();
    let host: &str = existing.db_host.as_ref();
    Store {
        registration: registration(config, host, secret),
        values: Vec::new(),
        access: vec![reads_secret(&secret_arn(secret))],
    }
}

/// A secret's ARN from its id; Secrets Manager appends six characters to a name.
fn secret_arn(id: &str) -> Value<String> {
    if id.starts_with("arn:") {
        id.into()
    } else {
        arn::regional("secretsmanager", &format!("secret:{id}-??????"))
    }
}

fn reads_secret(arn: &Value<String>) -> Statement {
    Statement::allow([actions::secretsmanager::GET_SECRET_VALUE]).on([arn.clone()])
}

fn registration(config: &RdsConfig, host: &str, secret: &str) -> serde_json::Value {
    json!({ "type": "pgvector", "rdsConfig": {
        "username": config.username, "dbName": config.db_name, "dbPort": config.db_port,
        "dbHost": host, "passwordSecretId": secret,
    } })
}

/// RDS makes, keeps and rotates the password itself: it stands in no template and no other store.
fn new_database(stack: &mut StackBuilder<'_>, id: &RepositoryId, config: &RdsConfig, origin: &str) -> Store {
    let name = camel(id);
    let group = security_group(stack, &name, config.db_port);
    let subnets = stack.read_list(Shared::IsolatedSubnetIds).as_ids();
    let description = format!("{} {id}", stack.naming().prefix());
    let subnets =
        stack.add(format!("{name}DatabaseSubnets"), rds::DbSubnetGroup::new(description.clone(), subnets));
    let version = major_version(stack);
    let parameters = rds::DbParameterGroup::new(description, format!("postgres{version}")).parameters(
        Value::<Json>::from(
            json!({ "rds.force_ssl": "1", "log_statement": "ddl", "log_min_duration_statement": "1000" }),
        ),
    );
    let parameters = stack.add(format!("{name}DatabaseParameters"), parameters);
    let database = database(stack, config)
        .db_subnet_group_name(subnets.reference())
        .db_parameter_group_name(parameters.reference())
        .vpc_security_groups([group]);
    let handle = stack.add(format!("{name}Database"), database);
    protect(stack, &handle, origin);
    let secret: Value<String> = handle.master_user_secret_secret_arn();
    let (host_key, secret_key) = (format!("{name}Host"), format!("{name}Secret"));
    Store {
        registration: registration(config, &format!("${{{host_key}}}"), &format!("${{{secret_key}}}")),
        values: vec![(host_key, handle.endpoint_address()), (secret_key, secret.clone())],
        access: vec![reads_secret(&secret)],
    }
}

fn database(stack: &mut StackBuilder<'_>, config: &RdsConfig) -> rds::DbInstance {
    let key = stack.data_key();
    let retained = stack.config().removal_policy == RemovalPolicy::Retain;
    let hardened = stack.at_least(SecurityProfile::Hardened);
    let key_text: Value<String> = key.into();
    rds::DbInstance::new()
        .engine("postgres")
        .engine_version(major_version(stack))
        .db_instance_class(INSTANCE_CLASS)
        .allocated_storage(STORAGE.to_string())
        .max_allocated_storage(STORAGE * 10)
        .storage_type("gp3")
        .storage_encrypted(true)
        .kms_key_id(key_text.clone())
        .db_name(config.db_name.to_string())
        .port(config.db_port.to_string())
        .master_username(config.username.to_string())
        .manage_master_user_password(true)
        .master_user_secret(MasterUserSecret::new().kms_key_id(key_text.as_id()))
        .enable_iam_database_authentication(true)
        .publicly_accessible(false)
        .multi_az(stack.at_least(SecurityProfile::Standard))
        .backup_retention_period(if hardened { 35 } else { 7 })
        .copy_tags_to_snapshot(true)
        .deletion_protection(retained)
        .auto_minor_version_upgrade(true)
        .enable_cloudwatch_logs_exports(["postgresql", "upgrade"])
        .enable_performance_insights(true)
        .performance_insights_kms_key_id(key_text)
}

fn major_version(stack: &StackBuilder<'_>) -> &'static str {
    if stack.config().region.partition().is_isolated() { MAJOR_VERSION_OF_ISOLATED } else { MAJOR_VERSION }
}

/// A database that is retained is kept whole; one that is destroyed leaves a snapshot in the `hardened` profile only.
fn protect(stack: &mut StackBuilder<'_>, database: &Handle<rds::DbInstance>, origin: &str) {
    let retained = stack.config().removal_policy == RemovalPolicy::Retain;
    let hardened = stack.at_least(SecurityProfile::Hardened);
    let options = stack.template.options(database);
    match (retained, hardened) {
        (true, _) => options.retain(),
        (false, true) => options.snapshot(),
        (false, false) => options.delete(),
    };
    options
        .set_by("MasterUsername", &format!("{origin}.rdsConfig.username"))
        .set_by("DBName", &format!("{origin}.rdsConfig.dbName"))
        .set_by("Port", &format!("{origin}.rdsConfig.dbPort"))
        .set_by("", origin);
}

/// Only the functions may reach the database, and it reaches nothing.
fn security_group(stack: &mut StackBuilder<'_>, name: &str, port: u16) -> Value<Id<ec2::SecurityGroup>> {
    let existing = stack.config().security_group_config.as_ref();
    if let Some(group) = existing.and_then(|groups| groups.pg_vector_security_group_id.as_ref()) {
        return Id::literal(group.to_string());
    }
    let vpc = stack.read(Shared::VpcId).as_id();
    let functions = stack.read(Shared::LambdaSecurityGroupId).as_id();
    let from_functions = Ingress::new("tcp")
        .description("PostgreSQL from the functions")
        .from_port(port)
        .to_port(port)
        .source_security_group_id(functions);
    let group = ec2::SecurityGroup::new(format!("{} {name} database", stack.naming().prefix()))
        .vpc_id(vpc)
        .security_group_ingress([from_functions])
        .security_group_egress([super::no_egress()]);
    stack.add(format!("{name}DatabaseSecurityGroup"), group).group_id()
}

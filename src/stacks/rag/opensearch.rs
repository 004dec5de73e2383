//! An OpenSearch domain: made here, or existing.

use std::collections::BTreeSet;

use lisa_cfn::aws::ec2::{self, security_group::Ingress};
use lisa_cfn::aws::logs;
use lisa_cfn::aws::opensearchservice::{
    self,
    domain::{
        AdvancedSecurityOptionsInput, ClusterConfig, DomainEndpointOptions, EbsOptions,
        EncryptionAtRestOptions, LogPublishingOption, MasterUserOptions, NodeToNodeEncryptionOptions,
        VpcOptions, ZoneAwarenessConfig,
    },
};
use lisa_cfn::iam::{Condition, Policy, Principal, Statement, actions, arn};
use lisa_cfn::{Id, Map, Value};
use lisa_config::Config;
use lisa_config::section::rag::{ExistingOpenSearch, NewOpenSearch};
use lisa_names::RepositoryId;
use serde_json::json;

use super::stores::{NewDomain, Store, Stores, camel};
use crate::builder::StackBuilder;
use crate::parts::{Function, log_group};
use crate::shared::Shared;

/// The newest version that the isolated partitions are known to offer (upstream caps them at 2.9).
const ENGINE_VERSION: &str = "OpenSearch_2.9";

/// A domain's name has at most 28 characters.
const NAME_LIMIT: usize = 28;

pub(super) fn existing(config: &ExistingOpenSearch) -> Store {
    let endpoint: &str = config.endpoint.as_ref();
    Store {
        registration: json!({ "type": "opensearch", "opensearchConfig": { "endpoint": endpoint } }),
        values: Vec::new(),
        access: vec![http(arn::regional("es", &format!("domain/{}/*", domain_of(endpoint))))],
    }
}

/// The name of the domain behind an endpoint such as `vpc-manuals-abcdefghijklmnopqrstuvwxyz.eu-central-1.es...`: what
/// stands between the kind and the service's own last word. An endpoint of another form may belong to any domain.
fn domain_of(endpoint: &str) -> &str {
    let host = endpoint.split('.').next().unwrap_or_default();
    let name = host.strip_prefix("vpc-").or_else(|| host.strip_prefix("search-"));
    name.and_then(|name| name.rsplit_once('-')).map_or("*", |(name, _)| name)
}

/// The domain's endpoint is known once its policy is, which names the functions' roles: see [`admit`].
pub(super) fn new(
    stack: &mut StackBuilder<'_>,
    id: &RepositoryId,
    config: &NewOpenSearch,
    origin: &str,
) -> (Store, NewDomain) {
    let logical_id = format!("{}Domain", camel(id));
    // A domain's name is in lower case, as a deployment's need not be.
    let name = format!("{}-{id}", stack.naming().deployment()).to_lowercase();
    let name = stack.naming().limited(&name, NAME_LIMIT);
    let domain = domain(stack, &logical_id, config).domain_name(name.clone());
    let endpoint = format!("{logical_id}Endpoint");
    let store = Store {
        registration: json!({ "type": "opensearch", "opensearchConfig": { "endpoint": format!("${{{endpoint}}}") } }),
        values: vec![(endpoint, Value::sub(format!("${{{logical_id}.DomainEndpoint}}")))],
        access: vec![http(arn::regional("es", &format!("domain/{name}/*")))],
    };
    (store, NewDomain { logical_id, name, domain, origin: format!("{origin}.opensearchConfig") })
}

fn http(resource: Value<String>) -> Statement {
    use actions::es as action;
    let all = [
        action::ES_HTTP_GET,
        action::ES_HTTP_HEAD,
        action::ES_HTTP_POST,
        action::ES_HTTP_PUT,
        action::ES_HTTP_DELETE,
    ];
    Statement::allow(all).on([resource])
}

fn domain(
    stack: &mut StackBuilder<'_>,
    logical_id: &str,
    config: &NewOpenSearch,
) -> opensearchservice::Domain {
    let key = Value::<String>::from(stack.data_key()).as_id();
    let zones = zones(stack.config(), config);
    let tls = if stack.config().partition.fips_load_balancer_tls_policy().is_some() {
        "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08"
    } else {
        "Policy-Min-TLS-1-2-PFS-2023-10"
    };
    let endpoint = DomainEndpointOptions::new().enforce_https(true).tls_security_policy(tls);
    opensearchservice::Domain::new()
        .engine_version(ENGINE_VERSION)
        .cluster_config(cluster(config, zones))
        .ebs_options(EbsOptions::new().ebs_enabled(true).volume_type("gp3").volume_size(config.volume_size))
        .encryption_at_rest_options(EncryptionAtRestOptions::new().enabled(true).kms_key_id(key))
        .node_to_node_encryption_options(NodeToNodeEncryptionOptions::new().enabled(true))
        .domain_endpoint_options(endpoint)
        .vpc_options(vpc(stack, logical_id, zones))
        .log_publishing_options(log_options(stack, logical_id))
}

/// As many zones as the nodes can fill evenly and the subnets lie in: 3, 2, or 1.
fn zones(deployment: &Config, config: &NewOpenSearch) -> u32 {
    let available = available_zones(deployment);
    match config.data_nodes {
        nodes if nodes % 3 == 0 && available >= 3 => 3,
        nodes if nodes % 2 == 0 && available >= 2 => 2,
        _ => 1,
    }
}

/// How many zones the deployment's subnets lie in. Where these are looked up, two: an account that has fewer cannot
/// hold a load balancer either.
fn available_zones(deployment: &Config) -> usize {
    match deployment.vpc_id {
        None => usize::from(deployment.max_azs),
        Some(_) if deployment.subnets.is_empty() => 2,
        Some(_) => {
            let zones = deployment.subnets.iter().map(|subnet| subnet.availability_zone.to_string());
            zones.collect::<BTreeSet<String>>().len()
        }
    }
}

fn cluster(config: &NewOpenSearch, zones: u32) -> ClusterConfig {
    let mut cluster = ClusterConfig::new()
        .instance_count(config.data_nodes)
        .instance_type(config.data_node_instance_type.to_string())
        .multi_az_with_standby_enabled(config.multi_az_with_standby)
        .dedicated_master_enabled(config.master_nodes > 0)
        .zone_awareness_enabled(zones > 1);
    if config.master_nodes > 0 {
        cluster = cluster
            .dedicated_master_count(config.master_nodes)
            .dedicated_master_type(config.master_node_instance_type.to_string());
    }
    if zones > 1 {
        cluster = cluster.zone_awareness_config(ZoneAwarenessConfig::new().availability_zone_count(zones));
    }
    cluster
}

fn vpc(stack: &mut StackBuilder<'_>, logical_id: &str, zones: u32) -> VpcOptions {
    let isolated = stack.read_list(Shared::IsolatedSubnetIds).as_ids::<ec2::Subnet>();
    let subnets: Vec<Value<Id<ec2::Subnet>>> =
        (0..zones as usize).map(|zone| isolated.select(zone)).collect();
    let group = security_group(stack, logical_id);
    VpcOptions::new().subnet_ids(subnets).security_group_ids([group])
}

fn security_group(stack: &mut StackBuilder<'_>, logical_id: &str) -> Value<Id<ec2::SecurityGroup>> {
    let existing = stack.config().security_group_config.as_ref();
    if let Some(group) = existing.and_then(|groups| groups.open_search_security_group_id.as_ref()) {
        return Id::literal(group.to_string());
    }
    let vpc = stack.read(Shared::VpcId).as_id();
    let functions = stack.read(Shared::LambdaSecurityGroupId).as_id();
    let from_functions = Ingress::new("tcp")
        .description("HTTPS from the functions")
        .from_port(443)
        .to_port(443)
        .source_security_group_id(functions);
    let group = ec2::SecurityGroup::new(format!("{} {logical_id}", stack.naming().prefix()))
        .vpc_id(vpc)
        .security_group_ingress([from_functions])
        .security_group_egress([super::no_egress()]);
    stack.add(format!("{logical_id}SecurityGroup"), group).group_id()
}

/// Audit, application and slow logs in one log group of the domain.
fn log_options(stack: &mut StackBuilder<'_>, logical_id: &str) -> Map<LogPublishingOption> {
    let id = format!("{logical_id}Logs");
    let group = log_group(stack, &id, &format!("opensearch/{logical_id}"));
    let kinds = ["AUDIT_LOGS", "ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS"];
    let option = LogPublishingOption::new().enabled(true).cloud_watch_logs_log_group_arn(group.arn());
    kinds.into_iter().map(|kind| (kind, option.clone())).collect()
}

/// Adds the new domains, open to the given functions' roles alone, and lets OpenSearch write their logs.
///
/// The first function's role is the master user of the domain's fine-grained access control; it maps the other roles
/// when it first opens the domain (`INGEST_ROLE_ARN`).
pub(super) fn admit(stack: &mut StackBuilder<'_>, stores: Stores, functions: &[&Function]) {
    if stores.domains.is_empty() {
        return;
    }
    let writes = Statement::allow([actions::logs::CREATE_LOG_STREAM, actions::logs::PUT_LOG_EVENTS])
        .to(Principal::service("es.amazonaws.com"))
        .on([arn::regional("logs", &format!("log-group:{}:*", stack.naming().log_group("opensearch/*")))])
        .when(Condition::source_account());
    let policy = logs::ResourcePolicy::new(
        Policy::new([writes]).into_text(),
        format!("{}-opensearch", stack.naming().prefix()),
    );
    let policy = stack.add("OpenSearchLogPolicy", policy);
    for new in stores.domains {
        let roles: Vec<Value<String>> =
            functions.iter().map(|function| function.role.arn.clone().into()).collect();
        let master = MasterUserOptions::new().master_user_arn(roles[0].as_arn());
        let statements = roles.into_iter().map(|role| {
            http(arn::regional("es", &format!("domain/{}/*", new.name))).to(Principal::arn(role))
        });
        let security = AdvancedSecurityOptionsInput::new()
            .enabled(true)
            .internal_user_database_enabled(false)
            .master_user_options(master);
        let domain = new.domain.advanced_security_options(security).access_policies(Policy::new(statements));
        let handle = stack.add_stateful(new.logical_id, domain);
        stack.template.options(&handle).depends_on(&policy).set_by("", &new.origin);
    }
}

//! Application load balancers: logged, strict about what they pass on, with one listener and one target group.

use lisa_cfn::aws::ec2;
use lisa_cfn::aws::elasticloadbalancingv2::{
    self as elb,
    listener::{Action, Certificate, Protocol, Type},
    load_balancer::{LoadBalancerAttribute, Scheme},
    target_group::{
        HealthCheckProtocol, Matcher, Protocol as TargetProtocol, TargetGroupAttribute, TargetType,
    },
};
use lisa_cfn::{Handle, Id, List, Value};
use lisa_config::section::environment::{RemovalPolicy, SecurityProfile};
use lisa_config::section::load_balancer::{LoadBalancerConfig, TargetHealthCheck};
use lisa_names::Partition;
use serde_json::json;

use super::container::PORT;
use crate::builder::StackBuilder;
use crate::shared::Shared;

/// Seconds without a byte after which a connection is closed: a model may think for long before its first word.
const IDLE_SECONDS: u32 = 600;

/// A load balancer that a stack needs.
pub(crate) struct LoadBalancerSpec<'a> {
    /// What it stands before, as the folder of its access logs: `serve`, `model-mistral`.
    pub(crate) what: &'a str,
    /// Whether the internet reaches it.
    pub(crate) internet_facing: bool,
    /// Where it lies.
    pub(crate) subnets: Value<List<Id<ec2::Subnet>>>,
    /// Its security group.
    pub(crate) group: Value<Id<ec2::SecurityGroup>>,
    /// Certificate and health check.
    pub(crate) config: &'a LoadBalancerConfig,
    /// Where `config` stands in the file: `restApiConfig.loadBalancerConfig`.
    pub(crate) config_path: &'a str,
}

/// A load balancer and what belongs to it.
pub(crate) struct LoadBalancer {
    /// The load balancer.
    pub(crate) balancer: Handle<elb::LoadBalancer>,
    /// The group that its targets register with.
    pub(crate) targets: Handle<elb::TargetGroup>,
    /// Its listener.
    pub(crate) listener: Handle<elb::Listener>,
    /// `https://host` or `http://host`, with the configured domain as host where there is one.
    pub(crate) url: Value<String>,
}

/// Adds the load balancer, its listener and its target group.
pub(crate) fn load_balancer(stack: &mut StackBuilder<'_>, spec: &LoadBalancerSpec<'_>) -> LoadBalancer {
    let scheme = if spec.internet_facing { Scheme::INTERNET_FACING } else { Scheme::INTERNAL };
    let balancer = elb::LoadBalancer::new()
        .type_(elb::load_balancer::Type::APPLICATION)
        .scheme(scheme)
        .subnets(spec.subnets.clone())
        .security_groups([spec.group.clone()])
        .load_balancer_attributes(attributes(stack, spec.what));
    let balancer = stack.add("LoadBalancer", balancer);
    let targets = target_group(stack, spec);
    let listener = listener(stack, spec, &balancer, &targets);
    let scheme = if spec.config.ssl_cert_iam_arn.is_some() { "https" } else { "http" };
    let url = match &spec.config.domain_name {
        Some(domain) => format!("{scheme}://{domain}").into(),
        None => Value::join("", [format!("{scheme}://").into(), balancer.dns_name()]),
    };
    LoadBalancer { balancer, targets, listener, url }
}

fn attributes(stack: &mut StackBuilder<'_>, what: &str) -> Vec<LoadBalancerAttribute> {
    let protected = stack.config().removal_policy == RemovalPolicy::Retain;
    let bucket = stack.read(Shared::AccessLogBucket);
    let attributes: [(&str, Value<String>); 7] = [
        ("access_logs.s3.bucket", bucket),
        ("access_logs.s3.enabled", "true".into()),
        ("access_logs.s3.prefix", format!("alb/{what}").into()),
        ("deletion_protection.enabled", protected.to_string().into()),
        ("idle_timeout.timeout_seconds", IDLE_SECONDS.to_string().into()),
        ("routing.http.desync_mitigation_mode", "strictest".into()),
        ("routing.http.drop_invalid_header_fields.enabled", "true".into()),
    ];
    attributes.map(|(key, value)| LoadBalancerAttribute::new().key(key).value(value.as_name())).into()
}

fn target_group(stack: &mut StackBuilder<'_>, spec: &LoadBalancerSpec<'_>) -> Handle<elb::TargetGroup> {
    let TargetHealthCheck { path, interval, timeout, healthy_threshold_count, unhealthy_threshold_count } =
        &spec.config.health_check_config;
    let vpc = stack.read(Shared::VpcId).as_id();
    let group = elb::TargetGroup::new()
        .target_type(TargetType::IP)
        .vpc_id(vpc)
        .port(PORT)
        .protocol(TargetProtocol::HTTP)
        .health_check_enabled(true)
        .health_check_protocol(HealthCheckProtocol::HTTP)
        .health_check_path(path)
        .health_check_interval_seconds(*interval)
        .health_check_timeout_seconds(*timeout)
        .healthy_threshold_count(*healthy_threshold_count)
        .unhealthy_threshold_count(*unhealthy_threshold_count)
        .matcher(Matcher::new().http_code("200"))
        .target_group_attributes([TargetGroupAttribute::new()
            .key("deregistration_delay.timeout_seconds")
            .value("60")]);
    let group = stack.add("TargetGroup", group);
    let check = format!("{}.healthCheckConfig", spec.config_path);
    let options = stack.template.options(&group);
    for (property, key) in [
        ("HealthCheckPath", "path"),
        ("HealthCheckIntervalSeconds", "interval"),
        ("HealthCheckTimeoutSeconds", "timeout"),
        ("HealthyThresholdCount", "healthyThresholdCount"),
        ("UnhealthyThresholdCount", "unhealthyThresholdCount"),
    ] {
        options.set_by(property, &format!("{check}.{key}"));
    }
    group
}

/// HTTPS on 443 with a certificate, HTTP on 80 without.
fn listener(
    stack: &mut StackBuilder<'_>,
    spec: &LoadBalancerSpec<'_>,
    balancer: &Handle<elb::LoadBalancer>,
    targets: &Handle<elb::TargetGroup>,
) -> Handle<elb::Listener> {
    let forward = Action::new(Type::FORWARD).target_group_arn(targets.target_group_arn());
    let listener = elb::Listener::new([forward], balancer.load_balancer_arn());
    let Some(certificate) = &spec.config.ssl_cert_iam_arn else {
        return stack.add("Listener", listener.port(80).protocol(Protocol::HTTP));
    };
    let listener = listener
        .port(443)
        .protocol(Protocol::HTTPS)
        .ssl_policy(tls_policy(stack))
        .certificates([Certificate::new().certificate_arn(certificate.as_str())]);
    let listener = stack.add("Listener", listener);
    let options = stack.template.options(&listener);
    options.set_by("Certificates", &format!("{}.sslCertIamArn", spec.config_path));
    if certificate.as_str().contains(":iam:") {
        let reason =
            "A load balancer takes IAM server certificates as well as ACM's; cfn-lint knows only the latter.";
        options.metadata("cfn-lint", json!({ "config": { "ignore_checks": ["E1159"] } }));
        options.metadata("E1159", reason.into());
    }
    listener
}

/// The strictest policy of the partition; by FIPS modules in GovCloud and in the `hardened` profile, where there are any.
fn tls_policy(stack: &StackBuilder<'_>) -> &'static str {
    let partition = stack.config().partition;
    let fips = partition == Partition::AwsUsGov || stack.at_least(SecurityProfile::Hardened);
    let policy = partition.fips_load_balancer_tls_policy().filter(|_| fips);
    policy.unwrap_or_else(|| partition.load_balancer_tls_policy())
}

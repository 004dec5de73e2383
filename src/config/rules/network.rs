//! Rules on the network: existing subnets and security groups, certificates, domains.

use super::facts::Facts;
use super::{
    CERTIFICATE_ELSEWHERE, DOMAIN_NAME_TWICE, SECURITY_GROUP_MISSING, SECURITY_GROUPS_NEED_VPC, SUBNET_TWICE,
    SUBNET_ZONE_ELSEWHERE, SUBNETS_IN_ONE_ZONE, SUBNETS_NEED_VPC, SUBNETS_NOT_PUBLIC, SUBNETS_OVERLAP,
};
use crate::report::Report;
use lisa_names::Region;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

pub(super) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    let subnets = facts.items("subnets");
    if !subnets.is_empty() {
        need_vpc(facts, "subnets", &SUBNETS_NEED_VPC, report);
        ids(facts, &subnets, report);
        zones(facts, &subnets, report);
        ranges(facts, &subnets, report);
        public(facts, &subnets, report);
    }
    if facts.has("securityGroupConfig") {
        need_vpc(facts, "securityGroupConfig", &SECURITY_GROUPS_NEED_VPC, report);
        stores_have_groups(facts, report);
    }
    certificates(facts, report);
    domains(facts, report);
}

fn need_vpc(facts: &Facts<'_>, key: &str, rule: &'static super::Rule, report: &mut Report<'_>) {
    if !facts.written("vpcId") {
        report.add(
            facts
                .at("vpcId", rule, format!("`vpcId` is missing: `{key}` needs an existing VPC"))
                .span_instead(facts.key_span(key))
                .label("these exist in a VPC")
                .help("Add `vpcId`, or remove the key to have new ones made."),
        );
    }
}

fn ids(facts: &Facts<'_>, subnets: &[String], report: &mut Report<'_>) {
    let mut seen = BTreeMap::new();
    for subnet in subnets {
        let path = format!("{subnet}.subnetId");
        let Some(id) = facts.text(&path) else { continue };
        if let Some(first) = seen.insert(id, path.clone()) {
            report.add(
                facts
                    .at(&path, &SUBNET_TWICE, format!("the subnet `{id}` stands here twice"))
                    .label("again here")
                    .related(facts.span(&first), "first here")
                    .help("Keep one of the two."),
            );
        }
    }
}

fn zones(facts: &Facts<'_>, subnets: &[String], report: &mut Report<'_>) {
    let zone_of = |subnet: &String| facts.text(&format!("{subnet}.availabilityZone"));
    let Some(zones) = subnets.iter().map(zone_of).collect::<Option<BTreeSet<_>>>() else { return };
    if zones.len() == 1 {
        report.add(
            facts
                .at("subnets", &SUBNETS_IN_ONE_ZONE, "all subnets lie in one availability zone")
                .span_instead(facts.key_span("subnets"))
                .label("load balancers and databases need two zones")
                .help("Add a subnet in another availability zone."),
        );
    }
    let Some(region) = facts.text("region").filter(|region| Region::new(region).is_ok()) else { return };
    for subnet in subnets {
        let path = format!("{subnet}.availabilityZone");
        let Some(zone) = facts.text(&path) else { continue };
        // Local zones have more between the region and the letter: `us-west-2-lax-1a`.
        if !zone.starts_with(region) {
            report.add(
                facts
                    .at(
                        &path,
                        &SUBNET_ZONE_ELSEWHERE,
                        format!("`{zone}` is no availability zone of region `{region}`"),
                    )
                    .label("another region's")
                    .help(format!("Write a zone such as `{region}a`, or correct the region.")),
            );
        }
    }
}

/// First and last address of a range.
fn bounds(cidr: &str) -> Option<(u32, u32)> {
    let (address, length) = cidr.split_once('/')?;
    let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
    let mask =
        u32::MAX.checked_shl(32 - length.parse::<u32>().ok().filter(|length| (1..=32).contains(length))?)?;
    Some((address & mask, address | !mask))
}

fn ranges(facts: &Facts<'_>, subnets: &[String], report: &mut Report<'_>) {
    let mut seen: Vec<((u32, u32), String)> = Vec::new();
    for subnet in subnets {
        let path = format!("{subnet}.ipv4CidrBlock");
        let Some((first, last)) = facts.text(&path).and_then(bounds) else { continue };
        if let Some((_, other)) = seen.iter().find(|((start, end), _)| first <= *end && *start <= last) {
            report.add(
                facts
                    .at(&path, &SUBNETS_OVERLAP, "this address range overlaps another subnet's")
                    .label("overlaps")
                    .related(facts.span(other), "the other range")
                    .help("Look up the ranges of both subnets: those of one VPC never overlap."),
            );
        }
        seen.push(((first, last), path));
    }
}

/// When tiers are told at all, an internet-facing load balancer must find two public ones.
fn public(facts: &Facts<'_>, subnets: &[String], report: &mut Report<'_>) {
    let told = subnets.iter().any(|subnet| facts.has(&format!("{subnet}.tier")));
    let facing = facts.flag("deployServe") && facts.flag("restApiConfig.internetFacing");
    let public = subnets.iter().filter(|subnet| facts.text(&format!("{subnet}.tier")) == Some("public"));
    let zones: BTreeSet<_> =
        public.filter_map(|subnet| facts.text(&format!("{subnet}.availabilityZone"))).collect();
    if told && facing && zones.len() < 2 {
        report.add(
            facts
                .at("subnets", &SUBNETS_NOT_PUBLIC, "an internet-facing API needs public subnets in two availability zones")
                .span_instead(facts.key_span("subnets"))
                .label(format!("{} with `tier: public`", zones.len()))
                .help("Mark two of the subnets `tier: public`, or set `restApiConfig.internetFacing` to `false`."),
        );
    }
}

/// With `securityGroupConfig` LISA makes no group, so that every store it makes needs one.
fn stores_have_groups(facts: &Facts<'_>, report: &mut Report<'_>) {
    if !facts.flag("deployRag") {
        return;
    }
    for (kind, existing, key) in [
        ("opensearch", "opensearchConfig.endpoint", "openSearchSecurityGroupId"),
        ("pgvector", "rdsConfig.dbHost", "pgVectorSecurityGroupId"),
    ] {
        let made = facts.items("ragRepositories").into_iter().find(|repository| {
            facts.text(&format!("{repository}.type")) == Some(kind)
                && !facts.has(&format!("{repository}.{existing}"))
        });
        let path = format!("securityGroupConfig.{key}");
        if let Some(repository) = made.filter(|_| !facts.written(&path)) {
            report.add(
                facts
                    .at(
                        &path,
                        &SECURITY_GROUP_MISSING,
                        format!("`{path}` is missing: a repository of type `{kind}` is made"),
                    )
                    .label(format!("needs `{key}`"))
                    .related(facts.span(&format!("{repository}.type")), "this store needs a group")
                    .help("Add the id of an existing security group."),
            );
        }
    }
}

/// A certificate is found by the load balancer's own service only: in its partition, account and, for ACM, region.
fn certificates(facts: &Facts<'_>, report: &mut Report<'_>) {
    let mut paths = vec![
        "restApiConfig.sslCertIamArn".to_owned(),
        "restApiConfig.loadBalancerConfig.sslCertIamArn".to_owned(),
    ];
    paths.extend(
        facts.items("ecsModels").iter().map(|model| format!("{model}.loadBalancerConfig.sslCertIamArn")),
    );
    let Some(region) = facts.text("region").and_then(|region| Region::new(region).ok()) else { return };
    let Some(account) = facts.text("accountNumber") else { return };
    for path in paths {
        let Some(arn) = facts.text(&path) else { continue };
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, partition, service, place, owner, _] = parts.as_slice() else { continue };
        let (what, found, right) = if *partition != region.partition().id() {
            ("partition", *partition, region.partition().id())
        } else if *owner != account {
            ("account", *owner, account)
        } else if *service == "acm" && *place != region.as_str() {
            ("region", *place, region.as_str())
        } else {
            continue;
        };
        report.add(
            facts
                .at(
                    &path,
                    &CERTIFICATE_ELSEWHERE,
                    format!("the certificate is in {what} `{found}`, the deployment in `{right}`"),
                )
                .label(format!("another {what}"))
                .help(format!("Give a certificate of {what} `{right}`.")),
        );
    }
}

fn domains(facts: &Facts<'_>, report: &mut Report<'_>) {
    let page = "apiGatewayConfig.domainName";
    for path in ["restApiConfig.domainName", "restApiConfig.loadBalancerConfig.domainName"] {
        if facts.text(page).is_some() && facts.text(page) == facts.text(path) {
            report.add(
                facts
                    .at(path, &DOMAIN_NAME_TWICE, "web page and serve API have the same domain")
                    .label("the serve API's")
                    .related(facts.span(page), "the web page's")
                    .help("Give them different domains: one name cannot lead to both."),
            );
        }
    }
}

//! NET-37 to NET-43: load balancers and their listeners.

use crate::kv::lookup;
use crate::leaf::Leaf;
use crate::report::Severity::{High, Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Hardened, Standard};
use crate::world::{Resource, World};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "NET-37-tls",
        title: "Load balancers speak TLS 1.2 or newer, FIPS where the partition asks for it",
        why: "Older versions of TLS have known breaks; the default policy still speaks them.",
        remedy: "Set `SslPolicy` to `ELBSecurityPolicy-TLS13-1-2-Res-2021-06`, or its FIPS form in GovCloud.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(tls),
    },
    Rule {
        id: "NET-38-http",
        title: "Plain HTTP only redirects where the internet can reach it",
        why: "Whoever listens on the way reads prompts, answers and tokens.",
        remedy: "Give the listener a certificate (`sslCertIamArn`), or make the load balancer internal.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(|world, findings| http(world, findings, false)),
    },
    Rule {
        id: "NET-38-internal-http",
        title: "Plain HTTP only redirects inside the VPC too",
        why: "Whoever has a foot in the network reads prompts, answers and tokens.",
        remedy: "Give the listener a certificate, or let it redirect to HTTPS.",
        cost: Some("a certificate for every load balancer, and its renewal"),
        from: Hardened,
        severity: Medium,
        check: Check::With(|world, findings| http(world, findings, true)),
    },
    Rule {
        id: "NET-39-access-logs",
        title: "Load balancers log every request",
        why: "After an attack nobody can say who asked for what.",
        remedy: "Set `access_logs.s3.enabled` to `true` and name a bucket.",
        cost: Some("storage for the logs"),
        from: Standard,
        severity: Low,
        check: Check::With(|world, findings| attribute(world, findings, "access_logs.s3.enabled", "true")),
    },
    Rule {
        id: "NET-40-headers",
        title: "Load balancers drop malformed headers",
        why: "A header that two servers read differently smuggles a request past the checks.",
        remedy: "Set `routing.http.drop_invalid_header_fields.enabled` to `true`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(|world, findings| {
            attribute(world, findings, "routing.http.drop_invalid_header_fields.enabled", "true");
        }),
    },
    Rule {
        id: "NET-41-deletion",
        title: "Load balancers are hard to delete",
        why: "One call takes every model and the whole service off the network.",
        remedy: "Set `deletion_protection.enabled` to `true`.",
        cost: None,
        from: Standard,
        severity: Low,
        check: Check::With(|world, findings| {
            attribute(world, findings, "deletion_protection.enabled", "true");
        }),
    },
    Rule {
        id: "NET-42-waf",
        title: "A web application firewall stands before the API and the load balancers",
        why: "Known attacks and floods reach the service itself.",
        remedy: "Add a web ACL and associate it with every load balancer and every stage.",
        cost: Some("five dollars a month, and one per rule and by the million requests"),
        from: Hardened,
        severity: Medium,
        check: Check::With(waf),
    },
    Rule {
        id: "NET-43-desync",
        title: "Load balancers refuse ambiguous requests",
        why: "A request that two servers split differently smuggles a second one past the checks.",
        remedy: "Set `routing.http.desync_mitigation_mode` to `strictest`.",
        cost: None,
        from: Dev,
        severity: Low,
        check: Check::With(|world, findings| {
            attribute(world, findings, "routing.http.desync_mitigation_mode", "strictest");
        }),
    },
];

const BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";

fn is_application(world: &World<'_>, balancer: &Resource<'_>) -> bool {
    balancer
        .leaves(world, "Type")
        .iter()
        .all(|leaf| matches!(leaf, Leaf::Missing) || leaf.text() == Some("application"))
}

/// Every load balancer must have an attribute; those about HTTP are for application load balancers alone.
fn attribute(world: &World<'_>, findings: &mut Findings, key: &str, wanted: &str) {
    for balancer in world.of(BALANCER) {
        if key.starts_with("routing.http.") && !is_application(world, balancer) {
            continue;
        }
        for leaf in lookup(world, balancer, "LoadBalancerAttributes", ("Key", "Value"), key) {
            let holds = if wanted == "true" { leaf.is_true() } else { leaf.text() == Some(wanted) };
            if !holds {
                findings.add(
                    balancer,
                    format!("LoadBalancerAttributes.{key}"),
                    format!("{}, must be `{wanted}`", leaf.describe()),
                );
            }
        }
    }
}

/// Visits listeners whose protocol may be one of these.
fn listeners<'w, 'a>(
    world: &'w World<'a>,
    protocols: &'static [&str],
) -> impl Iterator<Item = &'w Resource<'a>> {
    world.of("AWS::ElasticLoadBalancingV2::Listener").filter(move |listener| {
        listener.leaves(world, "Protocol").iter().any(|leaf| match leaf.text() {
            Some(text) => protocols.contains(&text),
            None => matches!(leaf, Leaf::Parameter(_) | Leaf::Reference(_)),
        })
    })
}

fn tls(world: &World<'_>, findings: &mut Findings) {
    for listener in listeners(world, &["HTTPS", "TLS"]) {
        for leaf in listener.leaves(world, "SslPolicy") {
            let modern = leaf.text().is_some_and(is_modern);
            if !modern {
                findings.add(
                    listener,
                    "SslPolicy",
                    format!("{}, must be a policy of TLS 1.2 or newer", leaf.describe()),
                );
            } else if world.settings.place.fips && !leaf.text().is_some_and(|name| name.contains("FIPS")) {
                findings.add(
                    listener,
                    "SslPolicy",
                    format!("{}, must be a FIPS policy here", leaf.describe()),
                );
            }
        }
    }
}

/// Whether a policy's name says that TLS 1.2 is its oldest version.
fn is_modern(policy: &str) -> bool {
    [
        "ELBSecurityPolicy-TLS13-1-2-",
        "ELBSecurityPolicy-TLS13-1-3-",
        "ELBSecurityPolicy-TLS-1-2-",
        "ELBSecurityPolicy-FS-1-2-",
    ]
    .iter()
    .any(|start| policy.starts_with(start))
}

/// Listeners of internal load balancers, or all others, that do more over plain HTTP than redirect.
fn http(world: &World<'_>, findings: &mut Findings, internal: bool) {
    for listener in listeners(world, &["HTTP"]) {
        if is_internal(world, listener) != internal {
            continue;
        }
        let actions = listener.leaves(world, "DefaultActions[].Type");
        let targets = listener.leaves(world, "DefaultActions[].RedirectConfig.Protocol");
        let redirects = !actions.is_empty()
            && actions.iter().all(|leaf| leaf.text() == Some("redirect"))
            && targets.iter().all(|leaf| leaf.text() == Some("HTTPS"));
        if !redirects {
            findings.add(
                listener,
                "Protocol",
                "may be `HTTP`, and the listener does more than redirect to HTTPS",
            );
        }
    }
}

/// Whether the listener's load balancers are known to be internal in every case.
fn is_internal(world: &World<'_>, listener: &Resource<'_>) -> bool {
    let balancers = listener.targets(world, "LoadBalancerArn");
    !balancers.is_empty()
        && balancers.into_iter().all(|index| {
            let schemes = world.resources[index].leaves(world, "Scheme");
            !schemes.is_empty() && schemes.iter().all(|leaf| leaf.text() == Some("internal"))
        })
}

fn waf(world: &World<'_>, findings: &mut Findings) {
    if !world.settings.place.waf {
        return;
    }
    let balancers = world.of(BALANCER).filter(|balancer| is_application(world, balancer));
    let apis = world.of("AWS::ApiGateway::RestApi");
    for resource in balancers.chain(apis) {
        if !world.has_helper("AWS::WAFv2::WebACLAssociation", "ResourceArn", resource) {
            findings.add(resource, "", "has no web ACL");
        }
    }
}

//! Whether the region offers the instance types of the configuration, and whether the account may run that many.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use lisa_config::Config;
use lisa_names::InstanceType;
use tokio::join;

use super::Finding;
use crate::ports::World;

const TYPES: &str = "instance types";
const QUOTAS: &str = "quotas";

/// A quota on running on-demand instances, in virtual CPUs.
/// Source: the quotas page of Amazon EC2 in Service Quotas.
struct Family {
    code: &'static str,
    name: &'static str,
    /// First letters of the instance types that count.
    letters: &'static [&'static str],
}

const FAMILIES: [Family; 4] = [
    Family { code: "L-DB2E81BA", name: "G and VT", letters: &["g", "vt"] },
    Family { code: "L-417A185B", name: "P", letters: &["p"] },
    Family { code: "L-1945791B", name: "Inf", letters: &["inf"] },
    Family {
        code: "L-1216C47A",
        name: "standard (A, C, D, H, I, M, R, T, Z)",
        letters: &["a", "c", "d", "h", "i", "m", "r", "t", "z"],
    },
];

/// Asks for offers and quotas.
pub(super) async fn check(world: &World, config: &Config) -> Vec<Finding> {
    let hosts = hosts(config);
    let (offers, quotas) = join!(offers(world, config, &hosts), quotas(world, &hosts));
    offers.into_iter().chain(quotas).collect()
}

/// The instance types that hosts are of, where that is set, and how many at least.
fn hosts(config: &Config) -> Vec<(InstanceType, String, u32)> {
    let rest = &config.rest_api_config;
    let serve = config.deploy_serve.then(|| {
        (
            rest.instance_type.clone(),
            "restApiConfig.instanceType".to_owned(),
            rest.auto_scaling_config.min_capacity,
        )
    });
    let models = config.ecs_models.iter().enumerate().filter_map(|(index, model)| {
        let hosting = model.hosting.as_ref()?;
        let path = format!("ecsModels[{index}].instanceType");
        Some((hosting.instance_type.clone(), path, hosting.auto_scaling_config.min_capacity))
    });
    serve.into_iter().chain(models).collect()
}

async fn offers(world: &World, config: &Config, hosts: &[(InstanceType, String, u32)]) -> Vec<Finding> {
    let types: BTreeSet<String> = hosts.iter().map(|(kind, ..)| kind.as_str().to_owned()).collect();
    if types.is_empty() {
        return Vec::new();
    }
    let offered = match world.account.instance_offerings(&types).await {
        Ok(offered) => offered,
        Err(error) => return vec![Finding::unanswered(TYPES, &error)],
    };
    let missing = hosts.iter().filter(|(kind, ..)| !offered.contains_key(kind.as_str()));
    let mut findings: Vec<Finding> = missing
        .map(|(kind, path, _)| {
            let says =
                format!("{} does not offer `{}`, which `{path}` asks for", config.region, kind.as_str());
            Finding::bad(TYPES, says, "Choose a type that the region offers.")
        })
        .collect();
    let narrow = offered.iter().filter(|(_, zones)| zones.len() == 1);
    findings.extend(narrow.map(|(kind, zones)| {
        let zone = zones.first().map_or("one zone", String::as_str);
        let help = "Make sure that a private subnet lies there, or choose another type.";
        Finding::doubtful(TYPES, format!("`{kind}` is offered in {zone} alone"), help)
    }));
    if findings.is_empty() {
        let types: Vec<String> = types.into_iter().collect();
        findings.push(Finding::good(TYPES, format!("{} offers {}", config.region, types.join(", "))));
    }
    findings
}

async fn quotas(world: &World, hosts: &[(InstanceType, String, u32)]) -> Vec<Finding> {
    let mut needed: BTreeMap<usize, u32> = BTreeMap::new();
    for (kind, _, count) in hosts {
        if let Some(family) = family(kind.as_str()) {
            *needed.entry(family).or_default() += kind.facts().vcpus * (*count).max(1);
        }
    }
    join_all(needed.into_iter().map(|(family, cpus)| quota(world, &FAMILIES[family], cpus))).await
}

async fn quota(world: &World, family: &Family, cpus: u32) -> Finding {
    let Family { code, name, .. } = family;
    match world.account.quota("ec2", code).await {
        Ok(Some(limit)) if limit < f64::from(cpus) => {
            let says = format!("{cpus} vCPUs of {name} instances are needed, {limit} are allowed");
            let help = format!("Ask for more of quota `{code}` in Service Quotas (ec2) before you deploy.");
            Finding::bad(QUOTAS, says, help)
        }
        Ok(Some(limit)) => {
            Finding::good(QUOTAS, format!("{cpus} of {limit} vCPUs of {name} instances are needed"))
        }
        Ok(None) => {
            let help = format!("Make sure that {cpus} vCPUs of {name} instances are allowed.");
            Finding::doubtful(QUOTAS, format!("`{code}` is not known in this region"), help)
        }
        Err(error) => Finding::unanswered(QUOTAS, &error),
    }
}

/// The index of the family that an instance type counts for.
fn family(kind: &str) -> Option<usize> {
    let letters: String = kind.chars().take_while(char::is_ascii_alphabetic).collect();
    // `g4dn` and `gr6` count alike; `inf` and `vt` are words of their own.
    let exact = FAMILIES.iter().position(|family| family.letters.contains(&letters.as_str()));
    exact.or_else(|| FAMILIES.iter().position(|family| family.letters.contains(&&letters[..1])))
}

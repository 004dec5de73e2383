//! Values of template parameters: those that CloudFormation does not read itself are looked up in the account.

use std::collections::{BTreeMap, BTreeSet};

use lisa_stacks::{ParameterSource, Stack};

use crate::ports::account::Subnet;
use crate::ports::{Account, CallError};
use crate::retry::Caller;

/// A parameter that got no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// The look-up failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The account has nothing that fits.
    #[error("the VPC `{of}` has no {what}, which the stack `{stack}` needs")]
    Nothing {
        /// The stack's short name.
        stack: String,
        /// What is looked for, such as `public subnets`.
        what: String,
        /// The VPC's id.
        of: String,
    },
    /// The stack asks for something that is not looked up here.
    #[error("the parameter `{name}` of the stack `{stack}` asks for `{what}`, which cannot be looked up")]
    Unknown {
        /// The stack's short name.
        stack: String,
        /// The parameter.
        name: String,
        /// What it asks for.
        what: String,
    },
}

/// The values of a stack's parameters that have no default. Each VPC is asked for its subnets once.
pub async fn look_up(
    stack: &Stack,
    account: &dyn Account,
    caller: &Caller<'_>,
) -> Result<BTreeMap<String, String>, ParameterError> {
    let vpcs: BTreeSet<&String> = stack
        .parameters
        .values()
        .filter_map(|source| match source {
            ParameterSource::Lookup { of, .. } => Some(of),
            ParameterSource::Parameter { .. } => None,
        })
        .collect();
    let mut subnets = BTreeMap::new();
    for vpc in vpcs {
        subnets.insert(vpc.clone(), caller.call(|| account.subnets(vpc)).await?);
    }
    values(stack, &subnets)
}

/// The values of a stack's parameters, from the subnets of the VPCs that they ask for.
pub fn values(
    stack: &Stack,
    subnets: &BTreeMap<String, Vec<Subnet>>,
) -> Result<BTreeMap<String, String>, ParameterError> {
    let looked_up = stack.parameters.iter().filter_map(|(name, source)| match source {
        ParameterSource::Lookup { what, of } => Some((name, what, of)),
        // The parameter's default is the name that CloudFormation reads.
        ParameterSource::Parameter { .. } => None,
    });
    let value = |(name, what, of): (&String, &String, &String)| {
        let all = subnets.get(of).map_or(&[][..], Vec::as_slice);
        let found = fitting(what, all).ok_or_else(|| ParameterError::Unknown {
            stack: stack.name.clone(),
            name: name.clone(),
            what: what.clone(),
        })?;
        if found.is_empty() {
            let (stack, what, of) = (stack.name.clone(), what.clone(), of.clone());
            return Err(ParameterError::Nothing { stack, what, of });
        }
        Ok((name.clone(), found.join(",")))
    };
    looked_up.map(value).collect()
}

/// The ids of the subnets that fit the words of a look-up, by zone; `None` for words that mean nothing here.
fn fitting(what: &str, all: &[Subnet]) -> Option<Vec<String>> {
    let of = |fits: &dyn Fn(&Subnet) -> bool| {
        let mut found: Vec<&Subnet> = all.iter().filter(|subnet| fits(subnet)).collect();
        found.sort_by(|one, other| (&one.zone, &one.id).cmp(&(&other.zone, &other.id)));
        found.into_iter().map(|subnet| subnet.id.clone()).collect::<Vec<_>>()
    };
    let private = |subnet: &Subnet| !subnet.is_public && subnet.leads_out;
    match what {
        "public subnets" => Some(of(&|subnet| subnet.is_public)),
        "private subnets with a route out" => Some(of(&private)),
        "isolated subnets, else the private ones" => {
            let isolated = of(&|subnet| !subnet.is_public && !subnet.leads_out);
            Some(if isolated.is_empty() { of(&private) } else { isolated })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Subnet, fitting};

    fn subnet(id: &str, zone: &str, is_public: bool, leads_out: bool) -> Subnet {
        Subnet { id: id.to_owned(), zone: zone.to_owned(), is_public, leads_out }
    }

    #[test]
    fn every_tier_is_found_by_zone_and_isolated_falls_back_to_private() {
        let all =
            [subnet("b", "2", false, true), subnet("p", "1", true, true), subnet("a", "1", false, true)];
        assert_eq!(fitting("public subnets", &all).unwrap(), ["p"]);
        assert_eq!(fitting("private subnets with a route out", &all).unwrap(), ["a", "b"]);
        assert_eq!(fitting("isolated subnets, else the private ones", &all).unwrap(), ["a", "b"]);
        let isolated = [subnet("i", "1", false, false), subnet("a", "1", false, true)];
        assert_eq!(fitting("isolated subnets, else the private ones", &isolated).unwrap(), ["i"]);
        assert_eq!(fitting("a moon", &all), None);
    }
}

//! The rules, one file per kind of resource that they look at.

pub(crate) mod alarms;
pub(crate) mod arns;
pub(crate) mod buckets;
pub(crate) mod containers;
pub(crate) mod databases;
pub(crate) mod endpoints;
pub(crate) mod events;
pub(crate) mod functions;
pub(crate) mod images;
pub(crate) mod instances;
pub(crate) mod keys;
pub(crate) mod load_balancers;
pub(crate) mod logs;
pub(crate) mod open_api;
pub(crate) mod policies;
pub(crate) mod queues;
pub(crate) mod rest_api;
pub(crate) mod roles;
pub(crate) mod scaling;
pub(crate) mod search;
pub(crate) mod secrets;
pub(crate) mod security_groups;
pub(crate) mod stateful;
pub(crate) mod tables;
pub(crate) mod unscoped;
pub(crate) mod volumes;
pub(crate) mod vpcs;

use crate::rule::Rule;

/// All rules, group after group, in the order of the controls.
pub(crate) const GROUPS: &[&[Rule]] = &[
    policies::RULES,               // IAM-01 to IAM-04
    roles::RULES,                  // IAM-05 to IAM-10
    arns::RULES,                   // IAM-11
    keys::RULES,                   // DATA-13, DATA-14
    buckets::RULES,                // DATA-15 to DATA-20
    tables::RULES,                 // DATA-21
    databases::RULES,              // DATA-22
    search::RULES,                 // DATA-23
    volumes::RULES,                // DATA-24
    secrets::RULES,                // DATA-25, DATA-26
    queues::RULES,                 // DATA-27
    stateful::RULES,               // DATA-28
    vpcs::RULES,                   // NET-29, NET-30
    security_groups::RULES,        // NET-31, NET-32
    vpcs::ADDRESSES,               // NET-33
    endpoints::RULES,              // NET-34, NET-35
    security_groups::DESCRIPTIONS, // NET-36
    load_balancers::RULES,         // NET-37 to NET-43
    instances::RULES,              // COMPUTE-44 to COMPUTE-47
    containers::RULES,             // COMPUTE-48
    images::RULES,                 // COMPUTE-49, COMPUTE-50
    containers::SERVICES,          // COMPUTE-51, COMPUTE-52
    functions::RULES,              // COMPUTE-53
    scaling::RULES,                // COMPUTE-54
    rest_api::RULES,               // API-55 to API-59
    logs::RULES,                   // API-60, API-61
    alarms::RULES,                 // API-62
    events::RULES,                 // API-63
];

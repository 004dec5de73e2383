//! The 64 controls, numbered once and for good, and what of each no template can show.

use std::fmt;

use serde::Serialize;

use crate::rule::{Rule, rules};

/// What a control is about; its word starts the control's id.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Group {
    /// Who may do what.
    Iam,
    /// Keys and stored data.
    Data,
    /// Networks and load balancers.
    Net,
    /// Instances, containers, functions.
    Compute,
    /// The REST API, logs, alarms and events.
    Api,
    /// Where images come from.
    Supply,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iam => "IAM",
            Self::Data => "DATA",
            Self::Net => "NET",
            Self::Compute => "COMPUTE",
            Self::Api => "API",
            Self::Supply => "SUPPLY",
        })
    }
}

/// One promise about a deployment.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Control {
    /// 1 to 64.
    pub number: u8,
    /// The group's word and the number in two digits, such as `NET-31`.
    pub id: &'static str,
    /// What it is about.
    pub group: Group,
    /// The promise, without full stop.
    pub title: &'static str,
    /// What of it no template can show, and where that is shown instead.
    pub elsewhere: Option<&'static str>,
}

impl Control {
    /// The rules that check it; none if no template can show any of it.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        let id = self.id;
        rules().filter(move |rule| rule.control() == id)
    }
}

/// All 64 controls, by number.
pub fn controls() -> &'static [Control] {
    &CONTROLS
}

/// The control of this id, if there is one.
pub fn control(id: &str) -> Option<&'static Control> {
    CONTROLS.iter().find(|control| control.id == id)
}

const fn shown(number: u8, id: &'static str, group: Group, title: &'static str) -> Control {
    Control { number, id, group, title, elsewhere: None }
}

const fn partly(
    number: u8,
    id: &'static str,
    group: Group,
    title: &'static str,
    elsewhere: &'static str,
) -> Control {
    Control { number, id, group, title, elsewhere: Some(elsewhere) }
}

use Group::{Api, Compute, Data, Iam, Net, Supply};

#[rustfmt::skip] // one control per line is a table; wrapped, it is a wall
const CONTROLS: [Control; 64] = [
    shown(1, "IAM-01", Iam, "No statement allows every action"),
    shown(2, "IAM-02", Iam, "No action ends in a wildcard, unless it was reviewed"),
    shown(3, "IAM-03", Iam, "Every action that can be scoped is scoped"),
    partly(4, "IAM-04", Iam, "A service may only act for this account",
        "EC2 and Lambda do not say for whom they assume a role, so their trust cannot be narrowed."),
    shown(5, "IAM-05", Iam, "Every role carries the permissions boundary, when there is one"),
    partly(6, "IAM-06", Iam, "Every function and every task has a role of its own",
        "A role that the configuration brings from outside is the choice of whoever configured it."),
    shown(7, "IAM-07", Iam, "A task's own role is not the role that starts it"),
    shown(8, "IAM-08", Iam, "There are roles, no users and no access keys"),
    shown(9, "IAM-09", Iam, "A role can only be passed by name and to a named service"),
    shown(10, "IAM-10", Iam, "No role has an AWS policy with full access"),
    shown(11, "IAM-11", Iam, "ARNs and principals hold in every partition"),
    partly(12, "IAM-12", Iam, "The role that deploys has the least privilege, and is documented",
        "The deploying role is not in the templates: it is derived from what they contain, when it is documented."),
    shown(13, "DATA-13", Data, "Keys rotate, and each class of data has its own"),
    shown(14, "DATA-14", Data, "No key is open to everybody"),
    shown(15, "DATA-15", Data, "Buckets are encrypted with KMS and a bucket key"),
    shown(16, "DATA-16", Data, "Buckets block public access"),
    shown(17, "DATA-17", Data, "Buckets refuse plain HTTP"),
    shown(18, "DATA-18", Data, "Buckets keep versions, and let old ones go"),
    shown(19, "DATA-19", Data, "Buckets log who read them"),
    shown(20, "DATA-20", Data, "Buckets have no access control lists"),
    shown(21, "DATA-21", Data, "Tables are encrypted, recoverable and hard to delete"),
    shown(22, "DATA-22", Data, "Databases are private, encrypted, backed up and hard to delete"),
    shown(23, "DATA-23", Data, "Search domains are private, encrypted and redundant"),
    shown(24, "DATA-24", Data, "File systems and volumes are encrypted"),
    partly(25, "DATA-25", Data, "Secrets are encrypted, rotate, and appear nowhere else",
        "What a container image holds is checked when the image is built."),
    partly(26, "DATA-26", Data, "Sensitive values are no plain SSM parameters",
        "CloudFormation cannot create a SecureString: sensitive values go to Secrets Manager instead."),
    shown(27, "DATA-27", Data, "Queues and topics are encrypted, refuse plain HTTP, and lose nothing"),
    shown(28, "DATA-28", Data, "What happens to data when its stack goes is written down"),
    shown(29, "NET-29", Net, "Networks keep flow logs"),
    partly(30, "NET-30", Net, "The default security group is closed, and nothing is in it",
        "CloudFormation cannot take rules from a default group; the deployment does, and doctor looks."),
    shown(31, "NET-31", Net, "Nothing is open to the internet but port 443 of a load balancer that is meant to be"),
    shown(32, "NET-32", Net, "What may be reached from inside is written down"),
    shown(33, "NET-33", Net, "No instance and no task has a public address"),
    shown(34, "NET-34", Net, "AWS services are reached through endpoints of the network"),
    shown(35, "NET-35", Net, "Endpoints say who may pass them, and to what"),
    shown(36, "NET-36", Net, "Every security group and every rule says what it is for"),
    shown(37, "NET-37", Net, "Load balancers speak TLS 1.2 or newer, FIPS where the partition asks for it"),
    shown(38, "NET-38", Net, "Plain HTTP only redirects"),
    shown(39, "NET-39", Net, "Load balancers log every request"),
    shown(40, "NET-40", Net, "Load balancers drop malformed headers"),
    shown(41, "NET-41", Net, "Load balancers are hard to delete"),
    shown(42, "NET-42", Net, "A web application firewall stands before the API and the load balancers"),
    shown(43, "NET-43", Net, "Load balancers refuse ambiguous requests"),
    shown(44, "COMPUTE-44", Compute, "Instance credentials need a session token to be read"),
    shown(45, "COMPUTE-45", Compute, "Groups start instances from launch templates"),
    shown(46, "COMPUTE-46", Compute, "Root volumes are encrypted"),
    partly(47, "COMPUTE-47", Compute, "Instances are reached by Session Manager, never by an SSH key",
        "That the agent is in the machine image is a property of the image; ECS-optimised images have it."),
    shown(48, "COMPUTE-48", Compute, "Containers have no more power than they need"),
    shown(49, "COMPUTE-49", Compute, "What runs is named by its content"),
    shown(50, "COMPUTE-50", Compute, "Image repositories are immutable, scanned, tidy and encrypted"),
    shown(51, "COMPUTE-51", Compute, "Clusters measure their containers"),
    shown(52, "COMPUTE-52", Compute, "A deployment that fails rolls back by itself"),
    partly(53, "COMPUTE-53", Compute, "Functions are current, traced, logged and bounded, and lose no event",
        "Whether the account has concurrency to reserve is only known there: doctor asks."),
    shown(54, "COMPUTE-54", Compute, "Groups spread over zones, judge health, and replace instances gradually"),
    shown(55, "API-55", Api, "The API logs every request, and no body"),
    shown(56, "API-56", Api, "The API limits how fast it is called"),
    partly(57, "API-57", Api, "Every method has an authorizer, unless it is on the list of public ones",
        "What the authorizer decides is tested with the authorizer."),
    shown(58, "API-58", Api, "The API refuses malformed requests before they cost anything"),
    shown(59, "API-59", Api, "Own domains speak TLS 1.2 or newer"),
    shown(60, "API-60", Api, "Logs have a group, an end and a key"),
    shown(61, "API-61", Api, "State machines are logged and traced"),
    shown(62, "API-62", Api, "Somebody is told when something fails"),
    shown(63, "API-63", Api, "Event buses say who may write, and events are not lost"),
    partly(64, "SUPPLY-64", Supply, "Every image comes with its parts list and its origin",
        "The parts list is made with the image and recorded as a tag of the stack, which is not in a template."),
];

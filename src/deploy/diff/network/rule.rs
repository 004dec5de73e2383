//! One rule of a security group: which way, with whom, on which ports.

use std::fmt;

use super::cidr::Cidr;
use super::{Reach, ReachDiff};
use crate::diff::pattern::Pattern;

/// One rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// The logical id of the group, or what stands for it.
    pub(super) group: String,
    pub(super) direction: Direction,
    pub(super) peer: Peer,
    pub(super) traffic: Traffic,
}

/// Which way a rule lets traffic in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To the group.
    Ingress,
    /// From the group.
    Egress,
}

/// With whom a rule lets the group talk.
#[derive(Clone, Debug)]
pub(super) enum Peer {
    /// Addresses.
    Block(Cidr),
    /// Addresses, a group or a prefix list that is known when deployed; the word says which.
    Named(&'static str, Pattern),
}

/// On which protocol and ports.
#[derive(Clone, Debug)]
pub(super) struct Traffic {
    /// `-1` is every protocol.
    pub(super) protocol: Pattern,
    /// First and last port, or ICMP's type and code; `None` is all.
    pub(super) ports: Option<(Port, Port)>,
}

/// A port.
#[derive(Clone, Debug)]
pub(super) enum Port {
    /// A number.
    Number(i64),
    /// Known when deployed.
    Unknown(Pattern),
}

impl Rule {
    /// Whether it surely lets everything through that `other` does.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.group == other.group
            && self.direction == other.direction
            && self.peer.covers(&other.peer)
            && self.traffic.covers(&other.traffic)
    }

    /// That it is new.
    pub(super) fn opened(&self) -> ReachDiff {
        let is_public = self.direction == Direction::Ingress && self.peer.is_public();
        self.told("can now reach", if is_public { Reach::Public } else { Reach::More })
    }

    /// That it is gone.
    pub(super) fn closed(&self) -> ReachDiff {
        self.told("can no longer reach", Reach::Less)
    }

    fn told(&self, verb: &str, reach: Reach) -> ReachDiff {
        let (group, peer, traffic) = (format!("`{}`", self.group), self.peer.to_string(), &self.traffic);
        let (from, to) = match self.direction {
            Direction::Ingress => (peer, group),
            Direction::Egress => (group, peer),
        };
        ReachDiff { reach, subject: self.group.clone(), text: format!("{from} {verb} {to} on {traffic}") }
    }
}

impl Peer {
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Block(mine), Self::Block(theirs)) => mine.contains(theirs),
            (Self::Named(kind, mine), Self::Named(of, theirs)) => kind == of && mine.is_same(theirs),
            // Blocks of addresses that are known when deployed are of IPv4.
            (Self::Block(mine), Self::Named("addresses", _)) => {
                mine.is_everything() && !mine.to_string().contains(':')
            }
            _ => false,
        }
    }

    fn is_public(&self) -> bool {
        matches!(self, Self::Block(block) if block.is_public())
    }
}

impl Traffic {
    fn covers(&self, other: &Self) -> bool {
        if self.protocol.to_string() == ALL {
            return true;
        }
        self.protocol.is_same(&other.protocol)
            && match (&self.ports, &other.ports) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(mine), Some(theirs)) => mine.0.at_most(&theirs.0) && theirs.1.at_most(&mine.1),
            }
    }
}

/// Every protocol.
pub(super) const ALL: &str = "-1";

impl Port {
    /// Whether it surely is not greater.
    fn at_most(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => one <= two,
            (Self::Unknown(one), Self::Unknown(two)) => one.is_same(two),
            _ => false,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block(block) if block.is_everything() => write!(f, "anyone on the internet ({block})"),
            Self::Block(block) if block.is_public() => write!(f, "{block} on the internet"),
            Self::Block(block) => block.fmt(f),
            Self::Named(kind, name) => write!(f, "{kind} `{name}`"),
        }
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = self.protocol.to_string();
        match (&self.ports, protocol.as_str()) {
            (_, ALL) => f.write_str("every protocol and port"),
            (None | Some((Port::Number(0), Port::Number(65_535))), protocol) => {
                write!(f, "{protocol}, every port")
            }
            (Some((Port::Number(from), Port::Number(to))), protocol) if from == to => {
                write!(f, "{protocol} {from}")
            }
            (Some((from, to)), protocol) => write!(f, "{protocol} {from}-{to}"),
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Unknown(pattern) => pattern.fmt(f),
        }
    }
}

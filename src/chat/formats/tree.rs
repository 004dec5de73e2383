//! Conversations that are kept as messages which name their parents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// A message, and the one before it.
pub(super) struct Node {
    pub(super) parent: Option<String>,
    /// None for a place in the tree where nothing is said.
    pub(super) message: Option<Map<String, Value>>,
}

/// The branches of a tree, that of `current` last. A circle of parents ends where it begins anew.
pub(super) fn branches(
    nodes: &BTreeMap<String, Node>,
    current: Option<&str>,
) -> Vec<Vec<Map<String, Value>>> {
    let parents: BTreeSet<&str> = nodes.values().filter_map(|node| node.parent.as_deref()).collect();
    let mut leaves: Vec<&str> = nodes.keys().map(String::as_str).filter(|id| !parents.contains(id)).collect();
    let current = current.filter(|id| nodes.contains_key(*id)).or_else(|| leaves.last().copied());
    leaves.retain(|id| Some(*id) != current);
    leaves.extend(current);
    leaves.into_iter().map(|leaf| branch(nodes, leaf)).filter(|branch| !branch.is_empty()).collect()
}

fn branch(nodes: &BTreeMap<String, Node>, leaf: &str) -> Vec<Map<String, Value>> {
    let (mut seen, mut next, mut messages) = (BTreeSet::new(), Some(leaf), Vec::new());
    while let Some(id) = next.filter(|id| seen.insert(*id))
        && let Some(node) = nodes.get(id)
    {
        messages.extend(node.message.clone());
        next = node.parent.as_deref();
    }
    messages.reverse();
    messages
}

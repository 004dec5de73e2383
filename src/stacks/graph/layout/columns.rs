//! Which column each node stands in: one to the right of everything that it needs, and no further left than what
//! needs it asks for.

/// The column of each node; `None` for a node without edges.
///
/// Nodes that form a circle, which CloudFormation would refuse anyway, are taken in their order.
pub(super) fn assign(nodes: usize, edges: &[(usize, usize)]) -> Vec<Option<usize>> {
    let order = topological(nodes, edges);
    let rank = |node: usize| order.iter().position(|other| *other == node);
    let forward: Vec<(usize, usize)> =
        edges.iter().copied().filter(|&(from, to)| rank(from) < rank(to)).collect();
    let mut column = vec![0; nodes];
    for &node in &order {
        for &(_, to) in forward.iter().filter(|(from, _)| *from == node) {
            column[to] = column[to].max(column[node] + 1);
        }
    }
    // A node that needs nothing may as well stand beside what needs it.
    for &node in order.iter().rev() {
        let needs = forward.iter().any(|(_, to)| *to == node);
        let nexts = forward.iter().filter(|(from, _)| *from == node);
        if let (false, Some(nearest)) = (needs, nexts.map(|(_, to)| column[*to]).min()) {
            column[node] = nearest - 1;
        }
    }
    let linked = |node: usize| edges.iter().any(|&(from, to)| from == node || to == node);
    (0..nodes).map(|node| linked(node).then_some(column[node])).collect()
}

/// The nodes, each after those that it needs.
fn topological(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(nodes);
    let mut done = vec![false; nodes];
    while order.len() < nodes {
        let ready = |node: &usize| !done[*node] && edges.iter().all(|&(from, to)| to != *node || done[from]);
        let open = (0..nodes).find(|node| !done[*node]);
        let Some(next) = (0..nodes).find(ready).or(open) else { break };
        done[next] = true;
        order.push(next);
    }
    order
}

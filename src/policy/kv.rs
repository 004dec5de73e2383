//! Lists of name and value, such as a load balancer's attributes, read by name.

use serde_json::Value;

use crate::leaf::Leaf;
use crate::text::texts;
use crate::world::{Resource, World};

/// Every value that the list at `path` may give to `key`: one per branch of `Fn::If`, around the list or around
/// an element. `fields` are the words for name and value, such as `("Key", "Value")`.
pub(crate) fn lookup<'a>(
    world: &World<'a>,
    resource: &Resource<'a>,
    path: &'a str,
    fields: (&str, &'a str),
    key: &str,
) -> Vec<Leaf<'a>> {
    let mut found = Vec::new();
    for list in resource.leaves(world, path) {
        let Leaf::Literal(Value::Array(items)) = list else {
            found.push(match list {
                Leaf::Literal(_) => Leaf::Missing,
                other => other,
            });
            continue;
        };
        let before = found.len();
        for item in items {
            for_item(world, resource, item, fields, key, &mut found);
        }
        if found.len() == before {
            found.push(Leaf::Missing);
        }
    }
    found
}

fn for_item<'a>(
    world: &World<'a>,
    resource: &Resource<'a>,
    item: &'a Value,
    (name, value): (&str, &'a str),
    key: &str,
    found: &mut Vec<Leaf<'a>>,
) {
    let branches = resource.leaves_of(world, item, "");
    let is_ours = |leaf: &Leaf<'a>| match leaf {
        Leaf::Literal(entry) => {
            entry.get(name).is_some_and(|found| texts(found).iter().any(|text| text == key))
        }
        _ => false,
    };
    if !branches.iter().any(is_ours) {
        return;
    }
    for branch in branches {
        match branch {
            Leaf::Literal(entry) if is_ours(&branch) => found.extend(resource.leaves_of(world, entry, value)),
            _ => found.push(Leaf::Missing),
        }
    }
}

//! From a pickle to tensors: names, kinds, sizes, and that each lies within its storage.

use std::collections::HashSet;

use super::{Reason, Tensor};
use crate::pickle::{Id, Known, Pickle, Value};
use crate::safetensors::{Kind, METADATA};

/// Sizes of a tensor at most.
const DIMENSIONS: usize = 32;

/// What a pickle says of bytes outside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Storage {
    pub(super) key: String,
    /// None where the storage is one of bytes.
    pub(super) kind: Option<Kind>,
    /// Numbers in it, or bytes.
    pub(super) numbers: u64,
}

impl Storage {
    pub(super) fn bytes(&self) -> Option<u64> {
        self.numbers.checked_mul(self.kind.map_or(1, Kind::bytes))
    }
}

/// Every tensor of the dictionary that a pickle is; `place` says where the bytes of a storage begin in the file, once
/// they are known to be there.
pub(super) fn read(
    pickle: &Pickle,
    mut place: impl FnMut(&Storage) -> Result<u64, Reason>,
) -> Result<Vec<Tensor>, Reason> {
    let (mut tensors, mut names) = (Vec::new(), HashSet::new());
    for (name, value) in dictionary(pickle).ok_or(Reason::NoTensors)? {
        // A number of steps, a name: nothing that engines ask for.
        let Value::Built(known, arguments) = pickle.get(*value) else { continue };
        let name = pickle.text(*name).ok_or(Reason::NoTensors)?;
        if !names.insert(name) || name == METADATA {
            return Err(Reason::Tensor { name: name.to_owned(), problem: "has a name that is taken" });
        }
        tensors.push(tensor(pickle, name, *known, arguments, &mut place)?);
    }
    if tensors.is_empty() { Err(Reason::NoTensors) } else { Ok(tensors) }
}

/// The dictionary of tensors: the pickle itself, or the one in it that has tensors, such as `state_dict`.
fn dictionary(pickle: &Pickle) -> Option<&[(Id, Id)]> {
    let Value::Dict(pairs) = pickle.top() else { return None };
    let has_tensors =
        |pairs: &[(Id, Id)]| pairs.iter().any(|(_, value)| matches!(pickle.get(*value), Value::Built(..)));
    if has_tensors(pairs) {
        return Some(pairs);
    }
    let inner = pairs.iter().filter_map(|(_, value)| match pickle.get(*value) {
        Value::Dict(pairs) if has_tensors(pairs) => Some(pairs.as_slice()),
        _ => None,
    });
    match inner.collect::<Vec<_>>().as_slice() {
        [pairs] => Some(pairs),
        _ => None,
    }
}

fn tensor(
    pickle: &Pickle,
    name: &str,
    known: Known,
    arguments: &[Id],
    place: &mut impl FnMut(&Storage) -> Result<u64, Reason>,
) -> Result<Tensor, Reason> {
    let wrong = |problem| Reason::Tensor { name: name.to_owned(), problem };
    let [storage, offset, sizes, strides, ..] = arguments else { return Err(wrong("lacks its sizes")) };
    let storage = self::storage(pickle, *storage).ok_or_else(|| wrong("says nothing of its storage"))?;
    let kind = match (known, storage.kind, arguments.get(6).map(|id| pickle.get(*id))) {
        (Known::TypedTensor, None, Some(Value::Name(Known::Kind(kind)))) => *kind,
        (Known::Tensor, Some(kind), _) => kind,
        _ => return Err(wrong("has numbers of a kind that is not known")),
    };
    let numbers = |id: &Id| pickle.numbers(*id).filter(|numbers| numbers.len() <= DIMENSIONS);
    let (Some(shape), Some(strides)) = (numbers(sizes), numbers(strides)) else {
        return Err(wrong("has sizes that are none"));
    };
    let offset = pickle.number(*offset).ok_or_else(|| wrong("begins nowhere"))?;
    let bytes = storage.bytes().ok_or_else(|| wrong("is larger than any file"))?;
    let within = within(&shape, &strides, offset, bytes / kind.bytes());
    within.ok_or_else(|| wrong("reaches beyond its storage"))?;
    let start = place(&storage)? + offset * kind.bytes();
    Ok(Tensor { name: name.to_owned(), kind, shape, strides, start })
}

/// Whether a tensor's numbers lie within its storage, and are no more than those.
fn within(shape: &[u64], strides: &[u64], offset: u64, numbers: u64) -> Option<()> {
    if shape.len() != strides.len() {
        return None;
    }
    let all = shape.iter().try_fold(1_u64, |all, size| all.checked_mul(*size))?;
    if all == 0 {
        // It begins somewhere all the same, at the end at most.
        return (offset <= numbers).then_some(());
    }
    let last = shape
        .iter()
        .zip(strides)
        .try_fold(offset, |last, (size, stride)| last.checked_add((size - 1).checked_mul(*stride)?))?;
    (last < numbers && all <= numbers).then_some(())
}

/// Every storage that a pickle names, of tensors that are taken and of others.
pub(super) fn storages(pickle: &Pickle) -> impl Iterator<Item = Storage> {
    pickle.values().filter_map(|value| outside(pickle, value))
}

fn storage(pickle: &Pickle, id: Id) -> Option<Storage> {
    outside(pickle, pickle.get(id))
}

/// `('storage', kind, key, place, numbers)`, and in the older form a view, which is none.
fn outside(pickle: &Pickle, value: &Value) -> Option<Storage> {
    let Value::Outside(id) = value else { return None };
    let Value::Tuple(words) = pickle.get(*id) else { return None };
    let [word, kind, key, _, numbers, view @ ..] = words.as_slice() else { return None };
    let is_whole = view.iter().all(|id| *pickle.get(*id) == Value::Nothing);
    if pickle.text(*word) != Some("storage") || !is_whole {
        return None;
    }
    let kind = match pickle.get(*kind) {
        Value::Name(Known::Kind(kind)) => Some(*kind),
        Value::Name(Known::Bytes) => None,
        _ => return None,
    };
    Some(Storage { key: pickle.text(*key)?.to_owned(), kind, numbers: pickle.number(*numbers)? })
}

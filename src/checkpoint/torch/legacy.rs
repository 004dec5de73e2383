//! PyTorch's form before the archive: five pickles (magic number, version, machine, tensors, keys), then each storage with
//! its count of numbers in front.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};

use super::tensors::{self, Storage};
use super::{LEGACY, Reason, Tensor};
use crate::pickle::{self, Id, Pickle, PickleError, Value};

/// The version of this form; there was no other.
const VERSION: u64 = 1001;

pub(super) fn read(file: &File) -> Result<Vec<Tensor>, Reason> {
    let length = file.metadata()?.len();
    let mut from = BufReader::new(file);
    from.seek(SeekFrom::Start(LEGACY.len() as u64))?;
    let version = pickle::read(&mut from)?;
    if *version.top() != Value::Number(VERSION.cast_signed()) {
        return Err(Reason::NoTorch);
    }
    let machine = pickle::read(&mut from)?;
    if is_big_endian(&machine) {
        return Err(Reason::BigEndian);
    }
    let pickle = pickle::read(&mut from)?;
    let keys = pickle::read(&mut from)?;
    let storages: HashMap<String, Storage> =
        tensors::storages(&pickle).map(|storage| (storage.key.clone(), storage)).collect();
    let places = places(&mut from, &keys, &storages, length)?;
    tensors::read(&pickle, |storage| {
        let is_it = storages.get(&storage.key) == Some(storage);
        let place = places.get(&storage.key).filter(|_| is_it).copied();
        place.ok_or_else(|| PickleError::Damaged("a storage is not there, or of two sizes").into())
    })
}

fn is_big_endian(machine: &Pickle) -> bool {
    let Value::Dict(pairs) = machine.top() else { return false };
    let is_little = |id: &Id| *machine.get(*id) == Value::Flag(true);
    pairs.iter().any(|(name, value)| machine.text(*name) == Some("little_endian") && !is_little(value))
}

/// Where the bytes of each storage begin, in the order of their keys.
fn places(
    from: &mut BufReader<&File>,
    keys: &Pickle,
    storages: &HashMap<String, Storage>,
    length: u64,
) -> Result<HashMap<String, u64>, Reason> {
    let Value::List(ids) = keys.top() else {
        return Err(PickleError::Damaged("it has no list of keys").into());
    };
    let mut places = HashMap::new();
    for id in ids {
        let key = keys.text(*id).ok_or(PickleError::Damaged("a key is no text"))?;
        // What no tensor refers to has no size that is known, so that nothing behind it is found.
        let Some(storage) = storages.get(key) else {
            return Err(PickleError::Damaged("a storage belongs to no tensor").into());
        };
        let mut count = [0; 8];
        from.read_exact(&mut count)?;
        let start = from.stream_position()?;
        let bytes = storage.bytes().filter(|_| u64::from_le_bytes(count) == storage.numbers);
        let end = bytes.and_then(|bytes| start.checked_add(bytes)).filter(|end| *end <= length);
        let end = end.ok_or(PickleError::Damaged("a storage is longer than the file"))?;
        places.insert(key.to_owned(), start);
        from.seek(SeekFrom::Start(end))?;
    }
    Ok(places)
}

//! PyTorch's files of a folder become safetensors beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use lisa_checkpoint::torch::{Weights, convert};
use serde::Deserialize;
use serde_json::json;

use crate::choice::{Choice, INDEX};
use crate::error::{StageError, file};
use crate::folder::Folder;
use crate::progress::{Phase, Progress};

/// As much of an index as is needed.
#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// Converts every file that is to be. It blocks.
///
/// The index of a set is checked against what its files hold; the new one is written last, so that a set that was cut is
/// known by the files that it lacks.
pub(crate) fn all(choice: &Choice, folder: &Folder, progress: &dyn Progress) -> Result<(), StageError> {
    let opened: Result<Vec<_>, _> =
        choice.torch.iter().map(|name| Weights::open(&folder.place(name))).collect();
    let opened = opened?;
    let bytes = opened.iter().map(Weights::bytes).sum();
    folder.fits(bytes)?;
    progress.begin(Phase::Convert, bytes);
    let mut sets: BTreeMap<PathBuf, BTreeMap<String, String>> = BTreeMap::new();
    let mut total: BTreeMap<PathBuf, u64> = BTreeMap::new();
    for (name, weights) in choice.torch.iter().zip(&opened) {
        let (parent, new) = renamed(name);
        let place = folder.place(&parent.join(&new).to_string_lossy());
        let converted = convert(weights, &place, &mut |bytes| progress.add(bytes))?;
        let map = sets.entry(parent.clone()).or_default();
        map.extend(converted.tensors.into_iter().map(|tensor| (tensor, new.clone())));
        *total.entry(parent).or_default() += converted.bytes;
    }
    for index in &choice.indexes {
        let parent = Path::new(index).parent().unwrap_or(Path::new("")).to_owned();
        let map = sets.remove(&parent).unwrap_or_default();
        check(index, &folder.place(index), &map)?;
        let text = json!({ "metadata": { "total_size": total.get(&parent) }, "weight_map": map }).to_string();
        let place = folder.root().join(&parent).join(INDEX);
        fs::write(&place, text).map_err(file("write", &place))?;
    }
    Ok(())
}

/// The folder and the new name: `pytorch_model-00001-of-00002.bin` is `model-00001-of-00002.safetensors`.
fn renamed(name: &str) -> (PathBuf, String) {
    let path = Path::new(name);
    let base = path.file_stem().map_or_else(String::new, |base| base.to_string_lossy().into_owned());
    let base = base.strip_prefix("pytorch_").unwrap_or(&base);
    (path.parent().unwrap_or(Path::new("")).to_owned(), format!("{base}.safetensors"))
}

/// That every tensor of an index is in one of the files.
fn check(index: &str, path: &Path, found: &BTreeMap<String, String>) -> Result<(), StageError> {
    let text = fs::read(path).map_err(file("read", path))?;
    let read: Index =
        serde_json::from_slice(&text).map_err(|error| file("understand", path)(error.into()))?;
    let expected: BTreeSet<&String> = read.weight_map.keys().collect();
    match expected.into_iter().find(|tensor| !found.contains_key(*tensor)) {
        Some(tensor) => Err(StageError::Index { index: index.to_owned(), tensor: tensor.clone() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_get_the_names_that_engines_look_for() {
        let names = [
            ("pytorch_model.bin", "", "model.safetensors"),
            ("pytorch_model-00001-of-00002.bin", "", "model-00001-of-00002.safetensors"),
            ("2_Dense/pytorch_model.bin", "2_Dense", "model.safetensors"),
            ("adapter_model.bin", "", "adapter_model.safetensors"),
        ];
        for (name, parent, new) in names {
            assert_eq!(renamed(name), (PathBuf::from(parent), new.to_owned()));
        }
    }
}

//! PyTorch's files of a folder become safetensors beside them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lisa_checkpoint::torch::{Weights, convert};
use serde::Deserialize;
use serde_json::json;

use crate::choice::{Choice, INDEX};
use crate::error::{StageError, file};
use crate::folder::{Folder, replace};
use crate::progress::{Phase, Progress};

/// As much of an index as is needed.
#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// Converts every file that is to be. It blocks.
///
/// Indexes come first, each checked against what the files of its set hold: once the last file has its name, the set is
/// taken for whole.
pub(crate) fn all(choice: &Choice, folder: &Folder, progress: &dyn Progress) -> Result<(), StageError> {
    let opened: Result<Vec<_>, _> =
        choice.torch.iter().map(|name| Weights::open(&folder.place(name)).map(|it| (name, it))).collect();
    let opened = opened?;
    let bytes = opened.iter().map(|(_, weights)| weights.bytes()).sum();
    folder.fits(bytes)?;
    let texts: Result<Vec<_>, _> = choice.indexes.iter().map(|it| index(it, folder, &opened)).collect();
    for (place, text) in texts? {
        replace(&place, text.as_bytes())?;
    }
    progress.begin(Phase::Convert, bytes);
    for (name, weights) in &opened {
        let (parent, new) = renamed(name);
        convert(weights, &folder.root().join(parent).join(new), &mut |bytes| progress.add(bytes))?;
    }
    Ok(())
}

/// What is made of one of PyTorch's files, and of the index of its set.
pub(crate) fn made_of(name: &str) -> [String; 2] {
    let (parent, new) = renamed(name);
    [new.as_str(), INDEX].map(|name| parent.join(name).to_string_lossy().into_owned())
}

/// The folder and the new name: `pytorch_model-00001-of-00002.bin` is `model-00001-of-00002.safetensors`.
fn renamed(name: &str) -> (PathBuf, String) {
    let path = Path::new(name);
    let base = path.file_stem().map_or_else(String::new, |base| base.to_string_lossy().into_owned());
    let base = base.strip_prefix("pytorch_").unwrap_or(&base);
    (path.parent().unwrap_or(Path::new("")).to_owned(), format!("{base}.safetensors"))
}

/// The new index in the place of one of PyTorch's, every tensor of which is in one of the set's files.
fn index(
    name: &str,
    folder: &Folder,
    opened: &[(&String, Weights)],
) -> Result<(PathBuf, String), StageError> {
    let parent = Path::new(name).parent().unwrap_or(Path::new(""));
    let (mut map, mut total) = (BTreeMap::new(), 0);
    for (file, weights) in opened {
        let (own, new) = renamed(file);
        if own == parent {
            map.extend(weights.names().map(|tensor| (tensor, new.clone())));
            total += weights.bytes();
        }
    }
    let path = folder.place(name);
    let text = fs::read(&path).map_err(file("read", &path))?;
    let read: Index =
        serde_json::from_slice(&text).map_err(|error| file("understand", &path)(error.into()))?;
    if let Some(tensor) = read.weight_map.into_keys().find(|tensor| !map.contains_key(tensor.as_str())) {
        return Err(StageError::Index { index: name.to_owned(), tensor });
    }
    let text = json!({ "metadata": { "total_size": total }, "weight_map": map }).to_string();
    Ok((folder.root().join(parent).join(INDEX), text))
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

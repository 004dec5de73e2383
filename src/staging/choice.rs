//! Which files of a model engines load: safetensors where there are any, else PyTorch's, and everything small beside them.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::StageError;

/// The index of a set of safetensors.
pub(crate) const INDEX: &str = "model.safetensors.index.json";

/// The index of a set of PyTorch's files.
pub(crate) const TORCH_INDEX: &str = "pytorch_model.bin.index.json";

/// Folders of a repository that are for other engines.
const OTHERS: [&str; 6] = ["coreml", "flax", "onnx", "openvino", "original", "tf"];

/// Ends of files that engines do not load: weights for others, pictures, archives.
const UNUSED: [&str; 30] = [
    "bin",
    "ckpt",
    "gguf",
    "ggml",
    "gif",
    "gz",
    "h5",
    "jpeg",
    "jpg",
    "mlmodel",
    "mp3",
    "mp4",
    "msgpack",
    "npz",
    "onnx",
    "onnx_data",
    "ot",
    "pdf",
    "pkl",
    "png",
    "pt",
    "pth",
    "safetensors",
    "svg",
    "tar",
    "tflite",
    "wav",
    "webp",
    "xml",
    "zip",
];

/// The files of a model that are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Files as they are: configuration, tokenizer, safetensors.
    pub files: Vec<String>,
    /// PyTorch's files that are to become safetensors.
    pub torch: Vec<String>,
    /// Indexes of PyTorch's files, which say what must be in them.
    pub indexes: Vec<String>,
}

impl Choice {
    /// Every file that is needed on the way.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.files.iter().chain(&self.torch).chain(&self.indexes).map(String::as_str)
    }

    /// The files of weights.
    pub fn weights(&self) -> impl Iterator<Item = &str> {
        let weights = self.files.iter().filter(|name| name.ends_with(".safetensors"));
        weights.chain(&self.torch).map(String::as_str)
    }
}

/// Chooses among the files of a model, by their paths.
///
/// # Errors
///
/// There are no weights, or a set of them is not whole.
pub fn choose<'a>(model: &str, names: impl IntoIterator<Item = &'a str>) -> Result<Choice, StageError> {
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for path in names {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_used = path.split('/').all(|part| !part.starts_with('.'));
        let is_ours = folder.split('/').all(|part| !OTHERS.contains(&part));
        if is_used && is_ours {
            folders.entry(folder).or_default().insert(name);
        }
    }
    let mut choice = Choice::default();
    for (folder, names) in folders {
        choose_in(folder, &names, &mut choice)?;
    }
    if choice.weights().next().is_none() {
        return Err(StageError::NoWeights(model.to_owned()));
    }
    Ok(choice)
}

fn choose_in(folder: &str, names: &BTreeSet<&str>, choice: &mut Choice) -> Result<(), StageError> {
    let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let (safetensors, torch) = (safetensors(names), torch(names));
    let whole = whole(folder, &safetensors);
    let takes_torch = !torch.is_empty() && (safetensors.is_empty() || whole.is_err());
    if takes_torch {
        self::whole(folder, &torch)?;
        choice.torch.extend(torch.iter().map(|name| path(name)));
        choice.indexes.extend(names.get(TORCH_INDEX).map(|name| path(name)));
    } else {
        whole?;
        choice.files.extend(safetensors.iter().map(|name| path(name)));
    }
    let others = names.iter().filter(|name| {
        let end = name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
        let is_index = name.ends_with(".index.json");
        let is_its = **name == INDEX && !takes_torch && !safetensors.is_empty();
        !UNUSED.contains(&end.as_str()) && (!is_index || is_its)
    });
    choice.files.extend(others.map(|name| path(name)));
    Ok(())
}

/// The set that `transformers` loads; where that is not there, all there are.
fn safetensors<'a>(names: &BTreeSet<&'a str>) -> Vec<&'a str> {
    let all = names.iter().copied().filter(|name| name.ends_with(".safetensors"));
    let (usual, others): (Vec<_>, Vec<_>) = all.partition(|name| is_of_set(name, "model", ".safetensors"));
    if usual.is_empty() { others } else { usual }
}

/// Nothing but models: `training_args.bin`, `optimizer.bin` and the like are pickles of other things.
fn torch<'a>(names: &BTreeSet<&'a str>) -> Vec<&'a str> {
    names.iter().copied().filter(|name| is_torch(name)).collect()
}

/// Whether a path is that of a model in PyTorch's form.
pub(crate) fn is_torch(path: &str) -> bool {
    is_of_set(path.rsplit_once('/').map_or(path, |(_, name)| name), "pytorch_model", ".bin")
}

/// Whether a file is `<stem><end>`, one of `<stem>-00001-of-00002<end>`, or an adapter.
fn is_of_set(name: &str, stem: &str, end: &str) -> bool {
    let Some(base) = name.strip_suffix(end) else { return false };
    base == stem || base == "adapter_model" || (base.starts_with(stem) && shard(name).is_some())
}

/// The number of a file in its set and their count: `model-00001-of-00002.safetensors`.
pub(crate) fn shard(name: &str) -> Option<(u32, u32)> {
    let base = name.rsplit_once('.')?.0;
    let (base, count) = base.rsplit_once("-of-")?;
    let (_, number) = base.rsplit_once('-')?;
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(count) || !is_number(number) {
        return None;
    }
    Some((number.parse().ok()?, count.parse().ok()?))
}

/// That every file of a set is there.
fn whole(folder: &str, names: &[&str]) -> Result<(), StageError> {
    for name in names {
        let Some((number, count)) = shard(name) else { continue };
        let (of, part) = (format!("-of-{count:05}"), format!("-{number:05}-of-"));
        for other in 1..=count {
            let file = name.replacen(&part, &format!("-{other:05}-of-"), 1);
            if file.contains(&of) && !names.contains(&file.as_str()) {
                let file = if folder.is_empty() { file } else { format!("{folder}/{file}") };
                return Err(StageError::Shard { file, count });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: &[&str]) -> Choice {
        choose("m", names.iter().copied()).unwrap()
    }

    #[test]
    fn safetensors_before_torch() {
        let choice = chosen(&[
            ".gitattributes",
            "LICENSE",
            "README.md",
            "config.json",
            "consolidated.safetensors",
            "flax_model.msgpack",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json",
            "onnx/model.onnx",
            "onnx/config.json",
            "original/consolidated.00.pth",
            "picture.png",
            "pytorch_model.bin",
            "pytorch_model.bin.index.json",
            "tokenizer.model.v3",
            "training_args.bin",
        ]);
        let expected = [
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "LICENSE",
            "README.md",
            "config.json",
            "model.safetensors.index.json",
            "tokenizer.model.v3",
        ];
        assert_eq!(choice.files, expected);
        assert!(choice.torch.is_empty() && choice.indexes.is_empty());
    }

    #[test]
    fn torch_where_there_is_nothing_else() {
        let choice = chosen(&[
            "1_Pooling/config.json",
            "2_Dense/pytorch_model.bin",
            "config.json",
            "optimizer.bin",
            "pytorch_model-00001-of-00002.bin",
            "pytorch_model-00002-of-00002.bin",
            "pytorch_model.bin.index.json",
        ]);
        assert_eq!(choice.files, ["config.json", "1_Pooling/config.json"]);
        let torch = [
            "pytorch_model-00001-of-00002.bin",
            "pytorch_model-00002-of-00002.bin",
            "2_Dense/pytorch_model.bin",
        ];
        assert_eq!(choice.torch, torch);
        assert_eq!(choice.indexes, ["pytorch_model.bin.index.json"]);
    }

    /// A conversion that was killed leaves some files of a set.
    #[test]
    fn a_set_that_is_not_whole_is_no_set() {
        let choice = chosen(&[
            "model-00001-of-00002.safetensors",
            "pytorch_model-00001-of-00002.bin",
            "pytorch_model-00002-of-00002.bin",
        ]);
        assert!(choice.files.is_empty());
        assert_eq!(choice.torch.len(), 2);
        let missing = choose("m", ["model-00001-of-00003.safetensors", "model-00003-of-00003.safetensors"]);
        let expected = "`model-00002-of-00003.safetensors` is missing, which is one of 3 files of weights";
        assert_eq!(missing.unwrap_err().to_string(), expected);
    }

    #[test]
    fn nothing_to_load_is_told() {
        let error = choose("org/m", ["config.json", "model.gguf", "training_args.bin"]).unwrap_err();
        assert!(error.to_string().starts_with("`org/m` has no weights"), "{error}");
    }

    #[test]
    fn other_names_are_taken_where_the_usual_one_is_missing() {
        assert_eq!(chosen(&["consolidated.safetensors"]).files, ["consolidated.safetensors"]);
        assert_eq!(chosen(&["adapter_model.safetensors"]).files, ["adapter_model.safetensors"]);
    }
}

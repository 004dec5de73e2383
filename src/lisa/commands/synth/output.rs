//! The output directory of `lisa synth`: each file is replaced at once or not at all, the manifest last, and files of
//! an earlier run go only where that run's manifest lists them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path};

use lisa_stacks::manifest::{self, Manifest};
use serde::Deserialize;

use crate::failure::Failure;

/// Writes the templates, then the manifest; returns the names of the stale files that it removed.
pub(super) fn write(directory: &Path, manifest: &Manifest, texts: &[String]) -> Result<Vec<String>, Failure> {
    fs::create_dir_all(directory).map_err(|error| Failure::write(directory, error))?;
    let old = listed(directory);
    for (entry, text) in manifest.stacks.iter().zip(texts) {
        replace(&directory.join(&entry.template_file), text)?;
    }
    let path = directory.join(manifest::FILE);
    let text = serde_json::to_string_pretty(manifest).map_err(|error| Failure::write(&path, error.into()))?;
    replace(&path, &format!("{text}\n"))?;
    let new: BTreeSet<&str> = manifest.stacks.iter().map(|entry| entry.template_file.as_str()).collect();
    old.into_iter()
        .filter(|name| !new.contains(name.as_str()))
        .filter_map(|name| remove(directory, name))
        .collect()
}

/// Puts a file in place by a rename, so that a reader sees the old text or the new one and never half of it.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let written = fs::write(&partial, text).and_then(|()| fs::rename(&partial, path));
    written.map_err(|error| {
        // Half a file is of no use to anybody; that it stays is no news beside the first failure.
        let _ = fs::remove_file(&partial);
        Failure::write(path, error)
    })
}

/// Removes a file of an earlier run; one that is gone already is no matter.
fn remove(directory: &Path, name: String) -> Option<Result<String, Failure>> {
    let path = directory.join(&name);
    match fs::remove_file(&path) {
        Ok(()) => Some(Ok(name)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => Some(Err(Failure::write(&path, error))),
    }
}

/// The template files of an earlier run. A manifest that is not ours lists nothing, and no name leads out of the
/// directory or to a file that is no template.
fn listed(directory: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(directory.join(manifest::FILE)).unwrap_or_default();
    let old: Old = serde_json::from_str(&text).unwrap_or_default();
    let names = old.stacks.into_iter().map(|stack| stack.template_file);
    names.filter(|name| is_plain(name) && name.contains(".template.")).collect()
}

fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
}

/// What matters of an earlier run's manifest.
#[derive(Default, Deserialize)]
struct Old {
    stacks: Vec<OldStack>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OldStack {
    template_file: String,
}

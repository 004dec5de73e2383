//! Tests of the whole way of a file, from text to problems or configuration.

mod corpus;
mod properties;
mod whole;

use crate::{Loaded, Options, Overrides, Problems, Source, load};
use std::path::{Path, PathBuf};

/// Loads a text as `config.yaml`, with nothing set from outside.
fn read(text: &str) -> Result<Loaded, Problems> {
    let source = Source { name: "config.yaml".to_owned(), text: text.to_owned() };
    load(&source, &Overrides::default(), &Options::default())
}

/// The files of `tests/configs/<kind>`, sorted.
fn files(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/configs").join(kind);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

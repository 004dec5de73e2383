//! No source file is forgotten: each is reached from a crate's root by `mod` lines, tests included.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{Findings, Scene};

/// Directories whose sources are input to a test, or a workspace of their own: no crate of this one holds them.
const INPUT: [&str; 5] = ["compile_fail", "engine", "fixtures", "fuzz", "snippets"];

pub(super) fn check(scene: &Scene<'_>, findings: &mut Findings) -> Result<usize> {
    let mut reached = BTreeSet::new();
    for target in scene.metadata.members().flat_map(|package| &package.targets) {
        let directory = target.src_path.parent().context("a target lies in no directory")?;
        follow(&target.src_path, directory, &mut reached)?;
    }
    let sources =
        scene.files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    for path in sources {
        let is_input = path.components().any(|part| INPUT.iter().any(|name| part.as_os_str() == *name));
        if !is_input && !reached.contains(&scene.workspace.root.join(path)) {
            findings.error(format!("{}: no `mod` line leads here, so it is never compiled", path.display()));
        }
    }
    Ok(reached.len())
}

/// Adds a file and everything that its `mod` lines lead to; `children` is where its submodules lie.
fn follow(file: &Path, children: &Path, reached: &mut BTreeSet<PathBuf>) -> Result<()> {
    if !reached.insert(file.to_owned()) {
        return Ok(());
    }
    let text = fs::read_to_string(file).with_context(|| format!("could not read `{}`", file.display()))?;
    for name in text.lines().filter_map(declared_module) {
        let child = children.join(format!("{name}.rs"));
        if child.is_file() {
            follow(&child, &children.join(name), reached)?;
        }
    }
    Ok(())
}

/// The name in `mod name;`, whatever its visibility.
fn declared_module(line: &str) -> Option<&str> {
    let line = line.split("//").next()?.trim().strip_suffix(';')?;
    let (visibility, name) = match line.rsplit_once("mod ") {
        Some((visibility, name)) => (visibility.trim(), name.trim()),
        None => return None,
    };
    let is_declaration = visibility.is_empty() || visibility.starts_with("pub");
    (is_declaration && !name.contains(' ')).then(|| name.trim_start_matches("r#"))
}

#[cfg(test)]
mod tests {
    use super::declared_module;

    #[test]
    fn declarations_are_told_from_other_lines() {
        assert_eq!(declared_module("mod a;"), Some("a"));
        assert_eq!(declared_module("    pub(crate) mod b; // why"), Some("b"));
        assert_eq!(declared_module("pub mod r#type;"), Some("type"));
        assert_eq!(declared_module("mod tests {"), None);
        assert_eq!(declared_module("// mod gone;"), None);
        assert_eq!(declared_module("let x = \"mod y\";"), None);
    }
}

//! What is to be brought: what the folder holds, less what is on the disk already.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use crate::bucket::Object;
use crate::error::CopyError;
use crate::files;
use crate::shelf::{HIDDEN, Shelf, State, Version};

/// What is to be done with each object of the folder.
#[derive(Debug, Default)]
pub(crate) struct Plan<'a> {
    /// In place already.
    pub(crate) kept: Vec<&'a Object>,
    /// Brought and checked, and perhaps renamed into place by a run that was killed then.
    pub(crate) ready: Vec<&'a Object>,
    /// To be brought, in whole or in part.
    pub(crate) missing: Vec<&'a Object>,
    /// Bytes that are to be brought.
    pub(crate) bytes: u64,
}

impl<'a> Plan<'a> {
    /// Compares the folder with the disk.
    pub(crate) fn of(objects: &'a [Object], shelf: &Shelf, state: &State) -> Self {
        let mut plan = Self::default();
        for object in objects {
            let in_place = files::size(&shelf.place(&object.name)) == Some(object.size);
            let known = state.files.get(&object.name).and_then(Option::as_ref);
            let journal = shelf.journal(object);
            let gathered = files::size(&shelf.gathering(&object.key)).is_some();
            match journal {
                _ if in_place && known == Some(&Version::from(object)) => plan.kept.push(object),
                Some(journal) if journal.checked && (gathered || in_place) => plan.ready.push(object),
                journal => {
                    let begun = journal.filter(|journal| !journal.checked);
                    plan.bytes += begun.map_or(object.size, |journal| journal.wanted());
                    plan.missing.push(object);
                }
            }
        }
        plan
    }

    /// Refuses when what is missing does not fit on the disk.
    pub(crate) fn fits(&self, disk: &Shelf) -> Result<(), CopyError> {
        let free = files::free(disk.root())?;
        if self.bytes <= free {
            return Ok(());
        }
        Err(CopyError::Space { path: disk.root().to_owned(), needed: self.bytes, free })
    }
}

/// Refuses keys that have no place below a directory.
pub(crate) fn check_names(objects: &[Object]) -> Result<(), CopyError> {
    let names: BTreeSet<&str> = objects.iter().map(|object| object.name.as_str()).collect();
    for object in objects {
        let refused = |reason| Err(CopyError::Key { key: object.key.clone(), reason });
        let mut parts = Path::new(&object.name).components();
        let plain = object.name.split('/').all(|part| !part.is_empty());
        if !plain || !parts.all(|part| matches!(part, Component::Normal(_))) || object.name.contains('\0') {
            return refused("its path has empty parts, or parts that lead elsewhere");
        }
        if Path::new(&object.name).starts_with(HIDDEN) {
            return refused("its folder is the one that copies are made in");
        }
        if object.name.match_indices('/').any(|(at, _)| names.contains(&object.name[..at])) {
            return refused("another object has the name of its folder");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<Object> {
        let object = |name: &&str| Object {
            key: format!("m/{name}"),
            name: (*name).to_owned(),
            etag: String::new(),
            size: 0,
        };
        names.iter().map(object).collect()
    }

    #[test]
    fn names_stay_below_the_directory() {
        check_names(&named(&["config.json", "a/b.bin", "a/c", "ab", ".gitattributes"])).unwrap();
        for names in [
            &["../x"][..],
            &["a/../../x"],
            &["/etc/x"],
            &["a//x"],
            &["./x"],
            &["a", "a/x"],
            &[".lisa-weights/x"],
        ] {
            assert!(matches!(check_names(&named(names)), Err(CopyError::Key { .. })), "{names:?}");
        }
    }
}

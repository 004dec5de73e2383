//! The last step: files that are whole get their names, and the record says that the set is complete.
//!
//! The engine's container starts after this program has ended well, so that it never finds a set in change. For anybody
//! else: the record says `complete` only of a whole set, and `config.json`, without which no engine loads a model, is
//! the last file to come.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::bucket::Object;
use crate::error::{CopyError, file};
use crate::files;
use crate::plan::Plan;
use crate::shelf::{Shelf, State};

/// The file without which engines find no model.
const ENTRY: &str = "config.json";

/// Puts everything in place. It may be stopped between any two steps, and started again.
pub(crate) async fn publish(source: &str, plan: &Plan<'_>, shelf: &Shelf) -> Result<(), CopyError> {
    let mut state = under_way(source, plan, &shelf.state());
    shelf.keep_state(&state)?;
    let wanted: BTreeSet<&str> =
        plan.kept.iter().chain(&plan.ready).map(|object| object.name.as_str()).collect();
    for stale in state.files.keys().filter(|name| !wanted.contains(name.as_str())) {
        files::remove(&shelf.place(stale))?;
        // Directories that are empty now go too: a file may get their name.
        for directory in Path::new(stale).ancestors().skip(1).filter(|path| !path.as_os_str().is_empty()) {
            let _ = fs::remove_dir(shelf.root().join(directory));
        }
        tokio::task::yield_now().await;
    }
    let mut ready = plan.ready.clone();
    ready.sort_by_key(|object| (object.name == ENTRY, &object.name));
    for object in ready {
        place(object, shelf)?;
        tokio::task::yield_now().await;
    }
    for directory in directories(&wanted) {
        files::settle(&shelf.place(directory))?;
    }
    state.files.retain(|name, _| wanted.contains(name.as_str()));
    for object in plan.kept.iter().chain(&plan.ready) {
        state.files.insert(object.name.clone(), Some((*object).into()));
    }
    state.complete = true;
    shelf.keep_state(&state)?;
    shelf.sweep(&BTreeSet::new())
}

/// What holds while names are given: nothing is known of files that are replaced or removed.
fn under_way(source: &str, plan: &Plan<'_>, before: &State) -> State {
    let mut files: BTreeMap<_, _> = before.files.keys().map(|name| (name.clone(), None)).collect();
    files.extend(plan.ready.iter().map(|object| (object.name.clone(), None)));
    files.extend(plan.kept.iter().map(|object| (object.name.clone(), Some((*object).into()))));
    State { source: source.to_owned(), complete: false, files }
}

fn place(object: &Object, shelf: &Shelf) -> Result<(), CopyError> {
    let (from, to) = (shelf.gathering(&object.key), shelf.place(&object.name));
    if files::size(&from).is_none() {
        // A run that was killed has come this far.
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(file("make", parent))?;
    }
    fs::rename(&from, &to).map_err(file("write", &to))
}

/// Every directory that holds one of the files, relative to that of the weights.
fn directories<'a>(names: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let above = |name: &&'a str| Path::new(*name).ancestors().skip(1).filter_map(Path::to_str);
    names.iter().flat_map(above).collect()
}

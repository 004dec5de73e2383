//! Fuzzing without the fuzzer: what lies in `tests/fuzz/extract`, whole and cut, on every run.
//!
//! `cargo xtask fuzz extract` makes more of it.

#[path = "../../../tests/fuzz/files.rs"]
#[expect(unreachable_pub, reason = "the fuzzer's own crate calls it, too")]
mod target;

use std::fs;
use std::path::Path;

#[test]
fn files_of_every_format() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/extract");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        for end in (0..bytes.len()).step_by(7).chain([bytes.len()]) {
            target::extract(&bytes[..end]);
        }
        count += 1;
    }
    assert!(count >= 17, "there are only {count} files");
}

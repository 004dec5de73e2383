//! Fuzzing without the fuzzer: what lies in `tests/fuzz/serve`, whole and cut, on every run.
//!
//! `cargo xtask fuzz peek`, `stream` and `head` make more of it.

#[path = "../../../tests/fuzz/serve.rs"]
#[expect(unreachable_pub, reason = "the fuzzer's own crate calls them, too")]
mod targets;

use std::fs;
use std::path::Path;

fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/serve").join(name);
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("a folder") {
        let bytes = fs::read(entry.expect("a file").path()).expect("bytes");
        for end in 0..=bytes.len() {
            target(&bytes[..end]);
        }
        count += 1;
    }
    assert!(count >= 3, "there are only {count} files");
}

#[test]
fn bodies() {
    replay("peek", targets::peek);
}

#[test]
fn streams() {
    replay("stream", targets::stream);
}

#[test]
fn heads() {
    replay("head", targets::head);
}

//! How long a file takes: `cargo test --release -p lisa-config speed -- --ignored --nocapture`.

use super::read;
use std::time::{Duration, Instant};

/// The first load of a process makes schema and validator; a command pays it once.
#[test]
#[ignore = "a measurement; the debug build says nothing"]
#[expect(clippy::print_stdout, reason = "a measurement is made to be read")]
fn speed_of_the_complete_example() {
    let text = crate::example();
    let start = Instant::now();
    let schema = crate::schema();
    let made = start.elapsed();
    let start = Instant::now();
    let validator = jsonschema::validator_for(&schema).unwrap();
    println!("schema {made:?}, validator {:?}", start.elapsed());
    drop(validator);
    let timed = || {
        let start = Instant::now();
        assert!(read(&text).is_ok());
        start.elapsed()
    };
    let first = timed();
    let best = (0..50).map(|_| timed()).min().unwrap_or_default();
    println!("first load {first:?}, later loads {best:?}, {} bytes", text.len());
    assert!(first < Duration::from_millis(100));
}

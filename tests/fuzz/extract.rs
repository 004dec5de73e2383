//! The fuzz target `extract` of the readers of files.

#![no_main]

libfuzzer_sys::fuzz_target!(
    // A reader that panics is contained and told of, which is looked at, instead of ending the process.
    init: std::panic::set_hook(Box::new(|_| {})),
    |bytes: &[u8]| lisa_fuzz::files::extract(bytes)
);

//! The fuzz target `head` of the gateway.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lisa_fuzz::serve::head(bytes));

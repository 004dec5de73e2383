//! The fuzz target `peek` of the gateway.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lisa_fuzz::serve::peek(bytes));

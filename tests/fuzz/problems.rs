//! The fuzz target `problems`: what is printed of a text's problems.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| lisa_fuzz::problems(text));

//! The fuzz target `config`: a text as `config.yaml`.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| lisa_fuzz::config(text));

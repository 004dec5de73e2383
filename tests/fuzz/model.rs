//! The fuzz target `model`: a text as the request for a model.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| lisa_fuzz::model(text));

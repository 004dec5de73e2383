//! A model's files, read without running anything of them: what it is made of, and the memory that it needs.
//!
//! * [`Architecture`]: what `config.json` says: parameters, cache, context, numbers;
//! * [`fit`]: the memory that it needs on an accelerator, and the instance types that have it;
//! * [`torch`]: PyTorch's files of weights, read without executing them, and as safetensors;
//! * [`safetensors`]: the form that engines load fastest.

pub mod architecture;
pub mod fit;
mod pickle;
pub mod safetensors;
pub mod torch;

#[cfg(test)]
mod tests;

pub use architecture::{Architecture, ConfigError};

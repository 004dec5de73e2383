//! In which numbers a model's parameters are kept, and in which an engine loads them.

use serde::Serialize;

use super::Parameters;
use super::fields::{ConfigError, Fields, wrong};

/// Kinds of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// 32 bits.
    Float32,
    /// 16 bits, IEEE.
    Float16,
    /// 16 bits with the range of 32.
    Bfloat16,
    /// 8 bits.
    Float8,
}

impl Dtype {
    /// Bytes of a number.
    pub const fn bytes(self) -> u64 {
        match self {
            Self::Float32 => 4,
            Self::Float16 | Self::Bfloat16 => 2,
            Self::Float8 => 1,
        }
    }

    /// In what engines load it on an accelerator, unless they are told otherwise.
    pub const fn loaded(self) -> Self {
        match self {
            Self::Float32 => Self::Float16,
            other => other,
        }
    }

    /// As `config.json` writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Float32 => "float32",
            Self::Float16 => "float16",
            Self::Bfloat16 => "bfloat16",
            Self::Float8 => "float8",
        }
    }
}

/// How linear layers are made smaller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quantization {
    /// `awq`, `gptq`, `fp8`, ….
    pub method: String,
    /// Bits of a parameter.
    pub bits: u64,
    /// Parameters that share one scale; none where the scales do not count.
    pub group: Option<u64>,
}

/// In which numbers parameters are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Precision {
    /// Of everything that is not quantized.
    pub dtype: Dtype,
    /// Whether the configuration says so; `transformers` takes `float32` where it does not.
    #[serde(skip)]
    pub is_named: bool,
    /// Of linear layers, where it is another.
    pub quantization: Option<Quantization>,
}

/// Parameters that share a scale, at most; fewer than [`FEWEST`] are no group.
const GROUP: u64 = 1 << 18;

/// See [`GROUP`].
const FEWEST: u64 = 16;

impl Precision {
    /// Reads the numbers of a model; those of a part are its own, or those of the whole.
    pub(super) fn read(whole: Fields<'_>, part: Fields<'_>) -> Result<Self, ConfigError> {
        let named = [part, whole]
            .into_iter()
            .find_map(|fields| ["torch_dtype", "dtype"].into_iter().find_map(|name| fields.text(name)));
        let dtype = match named.map(|name| name.trim_start_matches("torch.")) {
            Some("bfloat16") => Dtype::Bfloat16,
            Some("float16" | "half") => Dtype::Float16,
            None | Some("float32" | "float") => Dtype::Float32,
            Some(name) if name.starts_with("float8") => Dtype::Float8,
            Some(name) => {
                return Err(wrong("torch_dtype", &name.into(), "is no kind of number that engines load"));
            }
        };
        let sections = ["quantization_config", "compression_config"];
        let found = [part, whole]
            .into_iter()
            .find_map(|fields| sections.into_iter().find_map(|name| fields.object(name)));
        let quantization = found.map(Quantization::read).transpose()?.flatten();
        Ok(Self { dtype, is_named: named.is_some(), quantization })
    }

    /// Bytes of so many parameters, as an engine loads them.
    pub fn bytes(&self, parameters: Parameters) -> u64 {
        let plain = self.dtype.loaded().bytes();
        let linear = match &self.quantization {
            None => parameters.linear * plain,
            Some(Quantization { bits, group, .. }) => {
                // Each group has a scale of 16 bits and a zero of as many bits as a parameter.
                let scales = group.map_or(0, |group| parameters.linear / group * (16 + bits) / 8);
                parameters.linear / 8 * bits + scales
            }
        };
        linear + parameters.other * plain
    }
}

impl Quantization {
    /// Reads a section; none where it says that nothing is quantized.
    fn read(fields: Fields<'_>) -> Result<Option<Self>, ConfigError> {
        let method = fields.text("quant_method").unwrap_or_default().to_ascii_lowercase();
        let (bits, group) = match method.as_str() {
            "awq" | "gptq" | "marlin" => {
                let bits = fields.number(&["bits", "w_bit"], 16)?.unwrap_or(4);
                (bits, group(fields))
            }
            "bitsandbytes" if fields.flag("load_in_4bit") == Some(true) => (4, Some(64)),
            "bitsandbytes" | "fp8" | "fbgemm_fp8" => (8, None),
            "compressed-tensors" => match compressed(fields)? {
                Some(found) => found,
                None => return Ok(None),
            },
            "" => return Ok(None),
            other => {
                return Err(wrong("quantization_config.quant_method", &other.into(), EXPECTED));
            }
        };
        Ok(Some(Self { method, bits, group }))
    }
}

/// What is said of a method of quantization that is not known.
const EXPECTED: &str =
    "its size in memory is known for awq, gptq, marlin, fp8, fbgemm_fp8, bitsandbytes and compressed-tensors";

/// Parameters that share a scale. A size of -1 is one scale for a whole column, which does not count.
fn group(fields: Fields<'_>) -> Option<u64> {
    fields.number(&["group_size", "q_group_size"], GROUP).ok().flatten().filter(|group| *group >= FEWEST)
}

/// Bits and group of the widest of the groups of `compressed-tensors`.
fn compressed(fields: Fields<'_>) -> Result<Option<(u64, Option<u64>)>, ConfigError> {
    let mut widest = None;
    for section in fields.object("config_groups").into_iter().flat_map(Fields::values) {
        let Some(weights) = Fields::of(section)?.object("weights") else { continue };
        let bits = weights.need(&["num_bits"], 16)?;
        if widest.is_none_or(|(most, _)| most < bits) {
            widest = Some((bits, group(weights)));
        }
    }
    Ok(widest)
}

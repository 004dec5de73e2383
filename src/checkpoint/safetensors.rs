//! Files of safetensors: the kinds of numbers, the header, and where each tensor's bytes lie.

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::architecture::{Dtype, Precision};

/// A kind of number, by its name in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// True or false, a byte each.
    #[serde(rename = "BOOL")]
    Bool,
    /// 8 bits without sign.
    U8,
    /// 8 bits.
    I8,
    /// 8 bits: 4 of exponent, 3 of mantissa.
    #[serde(rename = "F8_E4M3")]
    F8E4M3,
    /// 8 bits: 5 of exponent, 2 of mantissa.
    #[serde(rename = "F8_E5M2")]
    F8E5M2,
    /// 16 bits.
    I16,
    /// 16 bits without sign.
    U16,
    /// 16 bits, IEEE.
    F16,
    /// 16 bits with the range of 32.
    #[serde(rename = "BF16")]
    Bf16,
    /// 32 bits.
    I32,
    /// 32 bits without sign.
    U32,
    /// 32 bits, IEEE.
    F32,
    /// 64 bits.
    I64,
    /// 64 bits without sign.
    U64,
    /// 64 bits, IEEE.
    F64,
}

impl Kind {
    /// Bytes of a number.
    pub const fn bytes(self) -> u64 {
        match self {
            Self::Bool | Self::U8 | Self::I8 | Self::F8E4M3 | Self::F8E5M2 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::Bf16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// The kind that PyTorch calls so, as a storage or as a `dtype`.
    pub(crate) fn of_torch(name: &str) -> Option<Self> {
        Some(match name {
            "BoolStorage" | "bool" => Self::Bool,
            "ByteStorage" | "uint8" => Self::U8,
            "CharStorage" | "int8" => Self::I8,
            "float8_e4m3fn" => Self::F8E4M3,
            "float8_e5m2" => Self::F8E5M2,
            "ShortStorage" | "int16" => Self::I16,
            "uint16" => Self::U16,
            "HalfStorage" | "float16" => Self::F16,
            "BFloat16Storage" | "bfloat16" => Self::Bf16,
            "IntStorage" | "int32" => Self::I32,
            "uint32" => Self::U32,
            "FloatStorage" | "float32" => Self::F32,
            "LongStorage" | "int64" => Self::I64,
            "uint64" => Self::U64,
            "DoubleStorage" | "float64" => Self::F64,
            _ => return None,
        })
    }
}

/// A tensor in a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its numbers.
    pub dtype: Kind,
    /// Its sizes.
    pub shape: Vec<u64>,
    /// Its first byte and the one after its last, counted from the end of the header.
    pub data_offsets: (u64, u64),
}

/// What a header says beside tensors; no tensor has this name.
pub(crate) const METADATA: &str = "__metadata__";

/// Bytes of a header at most, as the format's own reader has it.
const LARGEST: u64 = 100_000_000;

/// Files of weights: their bytes, and what their headers say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Of the files.
    pub bytes: u64,
    /// Bytes of tensors by their kinds of numbers; nothing where the headers are not at hand.
    pub kinds: BTreeMap<Kind, u64>,
}

impl Stored {
    /// Adds what the header of a file says.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or has no header.
    pub fn read(&mut self, mut file: impl Read) -> io::Result<()> {
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        let mut text = Vec::new();
        file.take(u64::from_le_bytes(length).min(LARGEST)).read_to_end(&mut text)?;
        let all: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&text)?;
        // Metadata is no entry, and kinds that are not known here do not count.
        for entry in all.into_values().filter_map(|value| serde_json::from_value::<Entry>(value).ok()) {
            let bytes = entry.data_offsets.1.saturating_sub(entry.data_offsets.0);
            let sum = self.kinds.entry(entry.dtype).or_default();
            *sum = sum.saturating_add(bytes);
        }
        Ok(())
    }

    /// What most of it is in.
    pub fn dtype(&self) -> Option<Dtype> {
        let dtype = |kind| match kind {
            Kind::F32 => Some(Dtype::Float32),
            Kind::F16 => Some(Dtype::Float16),
            Kind::Bf16 => Some(Dtype::Bfloat16),
            Kind::F8E4M3 | Kind::F8E5M2 => Some(Dtype::Float8),
            _ => None,
        };
        let known = self.kinds.iter().filter_map(|(kind, bytes)| Some((bytes, dtype(*kind)?)));
        known.max_by_key(|(bytes, _)| **bytes).map(|(_, dtype)| dtype)
    }

    /// Bytes of them as an engine loads them: as they are, but for numbers of 32 bits, of which it keeps half. Where neither
    /// headers nor configuration say what they are, none are taken for such.
    pub fn loaded(&self, precision: &Precision) -> u64 {
        let wide = match self.kinds.get(&Kind::F32) {
            Some(wide) => (*wide).min(self.bytes),
            None if self.kinds.is_empty() && precision.is_named && precision.dtype == Dtype::Float32 => {
                self.bytes
            }
            None => 0,
        };
        self.bytes - wide / 2
    }
}

/// A header's bytes, with their length in front: what stands before the first tensor. It is padded to whole words, as
/// readers that map the file expect.
pub fn header(entries: &BTreeMap<String, Entry>) -> Result<Vec<u8>, serde_json::Error> {
    let mut all = serde_json::Map::new();
    // PyTorch's, as its own writer says, without which `transformers` does not read the file.
    all.insert(METADATA.to_owned(), serde_json::json!({ "format": "pt" }));
    for (name, entry) in entries {
        all.insert(name.clone(), serde_json::to_value(entry)?);
    }
    let mut text = serde_json::to_vec(&all)?;
    text.resize(text.len().next_multiple_of(8), b' ');
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.append(&mut text);
    Ok(bytes)
}

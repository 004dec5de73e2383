//! PyTorch's files of weights: which tensors they hold, and where the bytes of each lie.
//!
//! Both of PyTorch's forms are read: the archive (`torch.save` since 1.6) and the one before it. The pickle in them is
//! read by a machine that calls nothing; tensors are read from their places in the file.

mod archive;
mod convert;
mod legacy;
mod tensors;

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::pickle::PickleError;
use crate::safetensors::Kind;

pub use convert::convert;

/// How PyTorch's form before the archive begins: a pickle of its magic number.
const LEGACY: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e";

/// How an archive begins.
const ARCHIVE: &[u8] = b"PK\x03\x04";

/// A file that is open, and its tensors in the order of their places in it.
#[derive(Debug)]
pub struct Weights {
    path: PathBuf,
    file: File,
    tensors: Vec<Tensor>,
}

/// A tensor in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tensor {
    name: String,
    kind: Kind,
    shape: Vec<u64>,
    /// From one number to the next along each size, in numbers.
    strides: Vec<u64>,
    /// Where its first number is, in bytes from the beginning of the file.
    start: u64,
}

/// Why a file of PyTorch's is not taken.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be taken as weights: {reason}", path.display())]
pub struct TorchError {
    path: PathBuf,
    #[source]
    reason: Reason,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("it is no file that PyTorch saves")]
    NoTorch,
    #[error(transparent)]
    Pickle(#[from] PickleError),
    #[error("its archive is damaged: {0}")]
    Archive(String),
    #[error("`{0}` in it is compressed, which PyTorch never does")]
    Compressed(String),
    #[error("it was saved on a machine that orders bytes the other way round")]
    BigEndian,
    #[error("it holds no dictionary of tensors")]
    NoTensors,
    #[error("the tensor `{name}` {problem}")]
    Tensor { name: String, problem: &'static str },
    #[error("its tensors together are larger than the file: {0} bytes")]
    Expands(u64),
    #[error("a header cannot be made of its names: {0}")]
    Header(serde_json::Error),
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Weights {
    /// Opens a file and reads what it says of its tensors; their bytes are not read.
    pub fn open(path: &Path) -> Result<Self, TorchError> {
        let inside = || -> Result<Self, Reason> {
            let mut file = File::open(path)?;
            let mut begin = Vec::new();
            (&mut file).take(LEGACY.len() as u64).read_to_end(&mut begin)?;
            file.seek(SeekFrom::Start(0))?;
            let mut tensors = if begin.starts_with(ARCHIVE) {
                archive::read(&file)?
            } else if begin == LEGACY {
                legacy::read(&file)?
            } else {
                return Err(Reason::NoTorch);
            };
            // Wide numbers first, so that every tensor begins at a multiple of its numbers' size; then one after the other.
            tensors.sort_by(|one, other| {
                let key = |tensor: &Tensor| (std::cmp::Reverse(tensor.kind.bytes()), tensor.start);
                key(one).cmp(&key(other)).then_with(|| one.name.cmp(&other.name))
            });
            let weights = Self { path: path.to_owned(), file, tensors };
            weights.within()?;
            Ok(weights)
        };
        inside().map_err(|reason| TorchError { path: path.to_owned(), reason })
    }

    /// Names of all tensors.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.iter().map(|tensor| tensor.name.as_str())
    }

    /// Bytes of all tensors.
    pub fn bytes(&self) -> u64 {
        self.tensors.iter().fold(0, |sum, tensor| sum.saturating_add(tensor.bytes()))
    }

    /// Tensors may share bytes, as a model's first and last layer do; more than that is made to fill a disk.
    fn within(&self) -> Result<(), Reason> {
        let most = self.file.metadata()?.len().saturating_mul(2);
        let bytes = self.bytes();
        if bytes > most { Err(Reason::Expands(bytes)) } else { Ok(()) }
    }
}

impl Tensor {
    /// How many numbers it has. The product was checked when it was made.
    fn numbers(&self) -> u64 {
        self.shape.iter().product()
    }

    fn bytes(&self) -> u64 {
        self.numbers() * self.kind.bytes()
    }

    /// Whether its numbers lie one after the other.
    fn is_contiguous(&self) -> bool {
        let mut step = 1;
        self.numbers() == 0
            || self.shape.iter().zip(&self.strides).rev().all(|(size, stride)| {
                let follows = *size == 1 || *stride == step;
                step *= size;
                follows
            })
    }

    /// From its first number to the one after its last, in numbers.
    fn span(&self) -> u64 {
        if self.numbers() == 0 {
            return 0;
        }
        self.shape.iter().zip(&self.strides).map(|(size, stride)| (size - 1) * stride).sum::<u64>() + 1
    }
}

//! A file of PyTorch's becomes one of safetensors: the header, then each tensor's bytes from where they lie.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::{Reason, Tensor, TorchError, Weights};
use crate::safetensors::{self, Entry};

/// Bytes that a tensor which does not lie in one piece may span: it is put together in memory.
const SPAN: u64 = 4 << 30;

/// Bytes that pass through memory at once, few enough for a processor's cache. The kernel's own way from file to file takes
/// half as long again where two places differ within a page, as those of tensors do.
const BUFFER: usize = 1 << 20;

/// Writes the tensors of one file as another, which is whole or not there. `written` is told of bytes as they are written.
///
/// Tensors that share bytes are written each for itself.
pub fn convert(from: &Weights, to: &Path, written: &mut dyn FnMut(u64)) -> Result<(), TorchError> {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let part = to.with_file_name(format!(".{name}.part"));
    let inside = |written: &mut dyn FnMut(u64)| -> Result<(), Reason> {
        let mut out = File::create(&part)?;
        let header = safetensors::header(&entries(&from.tensors)).map_err(Reason::Header)?;
        out.write_all(&header)?;
        written(header.len() as u64);
        let mut buffer = vec![0; BUFFER];
        for tensor in &from.tensors {
            copy(tensor, &from.file, &mut out, &mut buffer)?;
            written(tensor.bytes());
        }
        out.sync_all()?;
        fs::rename(&part, to)?;
        Ok(())
    };
    inside(written).map_err(|reason| {
        // What is left of it is written over by the next attempt, or belongs to nobody.
        let _ = fs::remove_file(&part);
        TorchError { path: from.path.clone(), reason }
    })
}

fn entries(tensors: &[Tensor]) -> BTreeMap<String, Entry> {
    let mut at = 0;
    let entry = |tensor: &Tensor| {
        let start = at;
        at += tensor.bytes();
        let entry = Entry { dtype: tensor.kind, shape: tensor.shape.clone(), data_offsets: (start, at) };
        (tensor.name.clone(), entry)
    };
    tensors.iter().map(entry).collect()
}

/// Bytes in one piece pass through the buffer.
fn copy(tensor: &Tensor, from: &File, out: &mut File, buffer: &mut [u8]) -> Result<(), Reason> {
    if !tensor.is_contiguous() {
        return Ok(out.write_all(&gathered(tensor, from)?)?);
    }
    let (mut at, mut left) = (tensor.start, tensor.bytes());
    while left > 0 {
        let count = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        from.read_exact_at(&mut buffer[..count], at)?;
        out.write_all(&buffer[..count])?;
        (at, left) = (at + count as u64, left - count as u64);
    }
    Ok(())
}

fn short() -> Reason {
    Reason::Io(io::Error::new(io::ErrorKind::UnexpectedEof, "it is shorter than it says"))
}

/// The numbers of a tensor that lie apart from each other, in the order of its sizes.
fn gathered(tensor: &Tensor, from: &File) -> Result<Vec<u8>, Reason> {
    let wide = |problem| Reason::Tensor { name: tensor.name.clone(), problem };
    let width = tensor.kind.bytes();
    let span = tensor.span() * width;
    let (Ok(span), Ok(width)) = (usize::try_from(span), usize::try_from(width)) else {
        return Err(wide("is larger than this machine's memory"));
    };
    if span as u64 > SPAN {
        return Err(wide("lies scattered over more than 4 GiB"));
    }
    let mut all = vec![0; span];
    from.read_exact_at(&mut all, tensor.start)?;
    let mut bytes = Vec::new();
    let mut place = vec![0_u64; tensor.shape.len()];
    for _ in 0..tensor.numbers() {
        let number: u64 = place.iter().zip(&tensor.strides).map(|(index, stride)| index * stride).sum();
        // Within the span, and so within memory.
        let at = usize::try_from(number).unwrap_or(usize::MAX).saturating_mul(width);
        bytes.extend_from_slice(all.get(at..at + width).ok_or_else(short)?);
        for (index, size) in place.iter_mut().zip(&tensor.shape).rev() {
            *index += 1;
            if *index < *size {
                break;
            }
            *index = 0;
        }
    }
    Ok(bytes)
}

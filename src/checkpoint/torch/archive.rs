//! PyTorch's archive: a ZIP file with the pickle in `data.pkl` and each storage, as it is in memory, in `data/<key>`.

use std::fs::File;
use std::io::{BufReader, Read as _};

use zip::{CompressionMethod, ZipArchive};

use super::tensors::{self, Storage};
use super::{Reason, Tensor};
use crate::pickle;

type Archive<'a> = ZipArchive<BufReader<&'a File>>;

pub(super) fn read(file: &File) -> Result<Vec<Tensor>, Reason> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    let folder = folder(&archive).ok_or(Reason::NoTorch)?;
    if let Some(index) = archive.index_for_name(&format!("{folder}byteorder")) {
        let mut order = String::new();
        archive.by_index(index).map_err(damaged)?.take(16).read_to_string(&mut order)?;
        if order.trim() != "little" {
            return Err(Reason::BigEndian);
        }
    }
    let pickle = {
        let entry = archive.by_name(&format!("{folder}data.pkl")).map_err(damaged)?;
        pickle::read(BufReader::new(entry))?
    };
    let length = file.metadata()?.len();
    tensors::read(&pickle, |storage| place(&mut archive, &folder, length, storage))
}

/// The folder that everything lies in, with a slash at the end; it is named after the file.
fn folder(archive: &Archive<'_>) -> Option<String> {
    let mut names = archive.file_names().filter_map(Result::ok);
    names.find_map(|name| {
        name.strip_suffix("data.pkl").filter(|folder| folder.ends_with('/')).map(str::to_owned)
    })
}

/// Where a storage's bytes begin in a file of so many bytes.
fn place(archive: &mut Archive<'_>, folder: &str, length: u64, storage: &Storage) -> Result<u64, Reason> {
    let name = format!("{folder}data/{}", storage.key);
    let entry = archive.by_name(&name).map_err(damaged)?;
    if entry.compression() != CompressionMethod::Stored || entry.encrypted() {
        return Err(Reason::Compressed(name));
    }
    if storage.bytes() != Some(entry.size()) || entry.compressed_size() != entry.size() {
        return Err(Reason::Archive(format!("`{name}` does not have the size that the pickle names")));
    }
    // The directory says how long an entry is, and the entry itself where its bytes begin.
    let start = entry.data_start().ok_or_else(|| Reason::Archive(format!("`{name}` begins nowhere")))?;
    match start.checked_add(entry.size()) {
        Some(end) if end <= length => Ok(start),
        _ => Err(Reason::Archive(format!("`{name}` reaches beyond the file"))),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
fn damaged(error: zip::result::ZipError) -> Reason {
    Reason::Archive(error.to_string())
}

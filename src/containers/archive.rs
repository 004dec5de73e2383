//! Archives of images, as `docker save`, `podman save` and `skopeo` write them, plain or with gzip, into a layout.
//!
//! The archive is read once, from the front to the back, as it comes: a layer is compressed while it is read, and the
//! little that says how the parts belong together is remembered.

mod assemble;

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use lisa_deploy::assets::Architecture;
use tar::{Archive, Entry};

use crate::digest::{Digest, Hashing};
use crate::error::ContainerError;
use crate::layout::Layout;
use crate::oci::{DOCKER_LAYER, Descriptor, MANIFEST_LIMIT};
use crate::scratch::gzip;

/// What every gzip stream begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Bytes of a tar's head, by which it is known.
const TAR_HEAD: u64 = 512;

/// Where blobs lie in a layout and in what Docker saves since version 25.
const BLOBS: &str = "blobs/sha256/";

/// What was found in an archive.
#[derive(Debug, Default)]
struct Parts {
    /// Small files, by path: manifests, indexes, configurations.
    texts: BTreeMap<String, Vec<u8>>,
    /// Layers, by path: in the layout already, compressed.
    layers: BTreeMap<String, Descriptor>,
    /// Links, by path.
    links: BTreeMap<String, String>,
}

/// Reads an archive with one image into a layout; returns the image's manifest. `source` is named in messages.
pub fn load(
    reader: impl Read,
    source: &Path,
    architecture: Architecture,
    layout: &Layout,
) -> Result<Descriptor, ContainerError> {
    let unreadable = || ContainerError::read(source);
    let mut reader = BufReader::with_capacity(256 * 1024, reader);
    let zipped = reader.fill_buf().map_err(unreadable())?.starts_with(&GZIP);
    let reader: Box<dyn Read> = if zipped { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
    let mut archive = Archive::new(reader);
    let mut parts = Parts::default();
    for entry in archive.entries().map_err(unreadable())? {
        let entry = entry.map_err(|error| malformed(source, error.to_string()))?;
        parts.take(entry, source, layout)?;
    }
    // What follows the end of the archive is read too, so that whoever writes it comes to an end.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(unreadable())?;
    assemble::image(&parts, source, architecture, layout)
}

impl Parts {
    /// Takes one entry.
    fn take(
        &mut self,
        mut entry: Entry<'_, impl Read>,
        source: &Path,
        layout: &Layout,
    ) -> Result<(), ContainerError> {
        let unreadable = || ContainerError::read(source);
        let path = entry.path().map_err(unreadable())?;
        let path = path.to_string_lossy().trim_start_matches("./").to_owned();
        let kind = entry.header().entry_type();
        if let Some(target) = entry.link_name().map_err(unreadable())? {
            let target = target.to_string_lossy();
            let target = if kind.is_hard_link() { target.into_owned() } else { beside(&path, &target) };
            self.links.insert(path, target);
            return Ok(());
        }
        if !kind.is_file() {
            return Ok(());
        }
        let size = entry.size();
        let mut head = Vec::new();
        entry.by_ref().take(TAR_HEAD).read_to_end(&mut head).map_err(unreadable())?;
        let expected = path.strip_prefix(BLOBS).map(|hex| format!("sha256:{hex}"));
        let expected = expected.map(|text| Digest::try_from(text).map_err(|fault| malformed(source, fault)));
        let is_layer =
            is_tar(&head) || Path::new(&path).extension().is_some_and(|extension| extension == "tar");
        let content = Cursor::new(&head).chain(entry);
        match expected.transpose()? {
            expected if is_layer => {
                let (layer, digest) = compress(content, source, layout)?;
                if let Some(expected) = expected.filter(|expected| *expected != digest) {
                    return Err(malformed(source, format!("a layer should be {expected} and is {digest}")));
                }
                self.layers.insert(path, layer);
            }
            Some(expected) => copy(content, source, layout, &expected)?,
            None if size <= MANIFEST_LIMIT => {
                let mut text = Vec::new();
                content.take(size).read_to_end(&mut text).map_err(unreadable())?;
                self.texts.insert(path, text);
            }
            None => {}
        }
        Ok(())
    }
}

/// Keeps a layer, compressed unless it is already; returns it and the digest of what was read.
fn compress(
    mut content: impl Read,
    source: &Path,
    layout: &Layout,
) -> Result<(Descriptor, Digest), ContainerError> {
    let failed = || ContainerError::read(source);
    let mut head = [0; 2];
    let got = content.read(&mut head).map_err(failed())?;
    let mut content = Cursor::new(&head[..got]).chain(content);
    if head == GZIP {
        let mut blob = layout.blob()?;
        io::copy(&mut content, &mut blob).map_err(failed())?;
        let (digest, size) = blob.keep()?;
        return Ok((Descriptor::new(DOCKER_LAYER, digest.clone(), size), digest));
    }
    let mut hash = Hashing::new(gzip(layout.blob()?));
    io::copy(&mut content, &mut hash).map_err(failed())?;
    let (zipped, read, _) = hash.finish();
    let (digest, size) = zipped.finish().map_err(failed())?.keep()?;
    Ok((Descriptor::new(DOCKER_LAYER, digest, size), read))
}

/// Keeps a blob as it is.
fn copy(
    mut content: impl Read,
    source: &Path,
    layout: &Layout,
    expected: &Digest,
) -> Result<(), ContainerError> {
    let mut blob = layout.blob()?;
    io::copy(&mut content, &mut blob).map_err(ContainerError::read(source))?;
    blob.keep_as(expected).map(drop)
}

/// Whether these first bytes are a tar's: its mark, or the zeros that an empty one is made of.
fn is_tar(head: &[u8]) -> bool {
    let full = u64::try_from(head.len()).is_ok_and(|length| length == TAR_HEAD);
    full && (head[257..].starts_with(b"ustar") || head.iter().all(|byte| *byte == 0))
}

/// A path beside another one.
fn beside(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn malformed(source: &Path, fault: impl Into<String>) -> ContainerError {
    ContainerError::Format {
        path: source.to_owned(),
        expected: "an archive of an image",
        fault: fault.into(),
    }
}

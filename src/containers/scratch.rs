//! Images of services: one layer with a static binary, and nothing that could run beside it. No engine is needed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use lisa_deploy::assets::Architecture;
use serde_json::json;
use tar::{EntryType, Header};

use crate::digest::Hashing;
use crate::error::ContainerError;
use crate::layout::{Layout, NewBlob};
use crate::oci::{DOCKER_CONFIG, DOCKER_LAYER, DOCKER_MANIFEST, Descriptor, Manifest};

/// The form of service images; it changes when the same binary is packed differently.
pub(crate) const FORM: &str = "service/1";

/// The user that services run as: the number that images without a distribution use for nobody in particular.
const USER: u32 = 65_532;

/// The certificates that a program finds where it looks for them on most systems.
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";

/// What a service's image holds.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// Such as `lisa-serve`: the file in `/`, and the entry point.
    pub name: &'a str,
    /// The static binary.
    pub binary: &'a [u8],
    /// The certificates to trust, as PEM.
    pub certificates: Option<&'a [u8]>,
    /// What the binary is for.
    pub architecture: Architecture,
}

/// A gzip stream whose bytes depend on the content alone: no name and no time in its head.
pub(crate) fn gzip<W: Write>(writer: W) -> GzEncoder<W> {
    GzBuilder::new().mtime(0).operating_system(255).write(writer, Compression::new(6))
}

/// Makes the image in a layout; returns its manifest.
pub fn image(service: &Service<'_>, layout: &Layout) -> Result<Descriptor, ContainerError> {
    let failed = |error: io::Error| ContainerError::Format {
        path: service.name.into(),
        expected: "a service that can be packed",
        fault: error.to_string(),
    };
    let mut tar = Hashing::new(gzip(layout.blob()?));
    write_layer(service, &mut tar).map_err(failed)?;
    let (zipped, content, _) = tar.finish();
    let blob: NewBlob<'_> = zipped.finish().map_err(failed)?;
    let (digest, size) = blob.keep()?;
    let layer = Descriptor::new(DOCKER_LAYER, digest, size);
    let config = layout.put(config(service, content.as_str()).to_string().as_bytes(), DOCKER_CONFIG)?;
    let manifest = serde_json::to_vec(&Manifest::docker(config, vec![layer]));
    layout.put(&manifest.map_err(|error| failed(error.into()))?, DOCKER_MANIFEST)
}

fn write_layer(service: &Service<'_>, writer: impl Write) -> io::Result<()> {
    let passwd = format!("lisa:x:{USER}:{USER}::/:/\n");
    let group = format!("lisa:x:{USER}:\n");
    let directory = |mode| (mode, EntryType::Directory, &[][..]);
    let file = |mode, bytes| (mode, EntryType::Regular, bytes);
    let mut entries = BTreeMap::from([
        ("etc/", directory(0o755)),
        ("etc/group", file(0o644, group.as_bytes())),
        ("etc/passwd", file(0o644, passwd.as_bytes())),
        ("tmp/", directory(0o1777)),
        (service.name, file(0o755, service.binary)),
    ]);
    if let Some(certificates) = service.certificates {
        entries.insert("etc/ssl/", directory(0o755));
        entries.insert("etc/ssl/certs/", directory(0o755));
        entries.insert(CERTIFICATES, file(0o644, certificates));
    }
    let mut tar = tar::Builder::new(writer);
    for (path, (mode, kind, bytes)) in entries {
        let mut header = Header::new_ustar();
        header.set_path(path)?;
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        tar.append(&header, bytes)?;
    }
    tar.finish()
}

fn config(service: &Service<'_>, layer: &str) -> serde_json::Value {
    let mut environment = vec!["PATH=/".to_owned()];
    if service.certificates.is_some() {
        environment.push(format!("SSL_CERT_FILE=/{CERTIFICATES}"));
    }
    json!({
        "architecture": service.architecture.of_images(),
        "os": "linux",
        "config": {
            "Entrypoint": [format!("/{}", service.name)],
            "Env": environment,
            "Labels": {
                "org.opencontainers.image.licenses": "Apache-2.0",
                "org.opencontainers.image.title": service.name,
            },
            "User": format!("{USER}:{USER}"),
            "WorkingDir": "/",
        },
        "history": [{ "created_by": "lisa build" }],
        "rootfs": { "type": "layers", "diff_ids": [layer] },
    })
}

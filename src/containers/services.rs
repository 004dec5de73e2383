//! The binaries of the services: where they are, and whether they can run where they are to run.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use lisa_deploy::assets::Architecture;

use crate::error::ContainerError;

/// Names the directory of the service binaries; the flag `--services` wins over it.
pub const VARIABLE: &str = "LISA_SERVICES";

/// The certificates in that directory that service images trust.
const CERTIFICATES: &str = "ca-certificates.crt";

/// Where distributions keep the certificates that they trust.
const SYSTEM_CERTIFICATES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Directories of service binaries, `<architecture>/<service>` each; the first that has a binary counts.
#[derive(Clone, Debug, Default)]
pub struct Services {
    directories: Vec<PathBuf>,
}

impl Services {
    /// The named directory alone; else the variable's; else those that a release has beside the command's own file,
    /// `services/` and `../share/lisa/services/`.
    pub fn find(named: Option<&Path>) -> Self {
        let variable = || env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(directory) = named.map(Path::to_owned).or_else(variable) {
            return Self { directories: vec![directory] };
        }
        let command = env::current_exe().and_then(fs::canonicalize).ok();
        let beside = command.as_deref().and_then(Path::parent);
        let known = ["services", "../share/lisa/services"];
        Self {
            directories: beside.into_iter().flat_map(|beside| known.map(|path| beside.join(path))).collect(),
        }
    }

    /// A service's binary.
    pub fn binary(&self, service: &str, architecture: Architecture) -> Result<Vec<u8>, ContainerError> {
        let relative = Path::new(architecture.name()).join(service);
        let mut places = self.directories.iter().map(|directory| directory.join(&relative));
        let Some(path) = places.find(|path| path.is_file()) else {
            let tried = self.directories.iter().map(|directory| directory.join(&relative));
            let tried: Vec<String> = tried.map(|path| format!("`{}`", path.display())).collect();
            return Err(ContainerError::NoBinary {
                service: service.to_owned(),
                architecture: architecture.name(),
                looked: format!("{} is not there", tried.join(" or ")),
            });
        };
        let bytes = fs::read(&path).map_err(ContainerError::read(&path))?;
        match fault(&bytes, architecture) {
            Some(fault) => Err(ContainerError::Binary { path, fault }),
            None => Ok(bytes),
        }
    }

    /// The certificates that service images trust: those of the release, or else this machine's.
    pub fn certificates(&self) -> Result<Option<Vec<u8>>, ContainerError> {
        let released = self.directories.iter().map(|directory| directory.join(CERTIFICATES));
        let mut places = released.chain(SYSTEM_CERTIFICATES.map(PathBuf::from));
        let Some(path) = places.find(|path| path.is_file()) else { return Ok(None) };
        fs::read(&path).map(Some).map_err(ContainerError::read(&path))
    }
}

/// Why a file is no program for this processor that runs without a loader: neither the images nor Lambda's system are
/// sure to have the one that it was linked against.
fn fault(bytes: &[u8], architecture: Architecture) -> Option<&'static str> {
    /// The entry of the program table that names a loader.
    const INTERPRETER: u32 = 3;
    let machine: u16 = match architecture {
        Architecture::X86_64 => 62,
        Architecture::Arm64 => 183,
    };
    let half = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let long = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    // 64 bits, little-endian.
    if !bytes.starts_with(b"\x7fELF\x02\x01") {
        return Some("is no program for 64-bit Linux");
    }
    if half(18) != Some(machine) {
        return Some("is a program for another processor");
    }
    let table = || Some((usize::try_from(long(32)?).ok()?, usize::from(half(54)?), usize::from(half(56)?)));
    let Some((start, size, count)) = table() else { return Some("is cut off") };
    let mut entries = (0..count).map(|index| word(start.checked_add(index.checked_mul(size)?)?));
    entries.any(|kind| kind == Some(INTERPRETER)).then_some("is linked dynamically")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_must_be_for_the_processor_and_need_no_loader() {
        let own = fs::read("/proc/self/exe").unwrap();
        let (same, other) = match env::consts::ARCH {
            "x86_64" => (Architecture::X86_64, Architecture::Arm64),
            _ => (Architecture::Arm64, Architecture::X86_64),
        };
        assert_eq!(fault(&own, same), Some("is linked dynamically"));
        assert_eq!(fault(&own, other), Some("is a program for another processor"));
        assert_eq!(fault(b"#!/bin/sh", same), Some("is no program for 64-bit Linux"));
        assert_eq!(fault(&own[..40], same), Some("is cut off"));
    }

    #[test]
    fn a_missing_binary_says_where_it_was_looked_for() {
        let services = Services::find(Some(Path::new("dist/services")));
        let error = services.binary("lisa-serve", Architecture::X86_64).unwrap_err();
        let said =
            "there is no binary of `lisa-serve` for x86_64: `dist/services/x86_64/lisa-serve` is not there";
        assert_eq!(error.to_string(), said);
    }
}

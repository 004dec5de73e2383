//! A service as it runs in an image that holds nothing else: static, without root, without a place to write to.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use lisa_testkit::programs;
use tempfile::TempDir;

use super::environment::{self, SERVICES};
use super::process::{Process, ask, free_address};

/// User and group of the templates' containers.
const USER: &str = "65532:65532";

/// Where an image holds the certificate authorities.
const AUTHORITIES: &str = "etc/ssl/certs/ca-certificates.crt";

/// A directory that holds the program, the certificate authorities and nothing else, and that nobody may write to.
fn image(service: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let program = root.path().join(service);
    fs::copy(programs::service(service).unwrap(), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o555)).unwrap();
    let authorities = root.path().join(AUTHORITIES);
    fs::create_dir_all(authorities.parent().unwrap()).unwrap();
    fs::copy(Path::new("/").join(AUTHORITIES), authorities).unwrap();
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o555)).unwrap();
    root
}

/// A command within such a directory: as another user where this one may become it, else as nobody in a name space.
fn within(root: &Path, service: &str) -> Command {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = Command::new(if is_root { "chroot" } else { "unshare" });
    if is_root {
        command.arg(format!("--userspec={USER}")).arg(root);
    } else {
        command.arg("--map-current-user").arg("--root").arg(root);
    }
    command.arg(format!("/{service}"));
    command
}

#[test]
fn no_program_needs_another_file() {
    for service in SERVICES {
        let root = image(service);
        let output = within(root.path(), service).arg("--version").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.starts_with(service), "{service}: {output:?}");
    }
}

/// The field of an ELF file that names the dynamic linker is missing from a static one.
#[test]
fn every_program_is_static() {
    for service in SERVICES {
        let bytes = fs::read(programs::service(service).unwrap()).unwrap();
        let number = |at: usize, length: usize| {
            bytes[at..at + length].iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
        };
        let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2));
        let kinds: Vec<usize> = (0..count).map(|index| number(table + index * size, 4)).collect();
        let (load, interpreter) = (1, 3);
        assert!(kinds.contains(&load) && !kinds.contains(&interpreter), "{service}: {kinds:?}");
    }
}

#[test]
fn health_is_answered_and_asked_from_within() {
    for service in ["lisa-serve", "lisa-chat", "lisa-models", "lisa-rag"] {
        let root = image(service);
        let address = free_address();
        let listen = address.to_string();
        let mut command = within(root.path(), service);
        command.args(["--listen", &listen]);
        let mut process = Process::start(command, &environment::of(service));
        process.listens(address);
        let answer = ask(address, "GET", "/health");
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("{\"status\":\"OK\"}"), "{answer}");
        let check =
            || within(root.path(), service).args(["--health-check", "--listen", &listen]).status().unwrap();
        assert_eq!(check().code(), Some(0), "{service}");
        process.terminate();
        assert!(process.ended().success(), "{}", process.log());
        assert_eq!(check().code(), Some(1), "{service}");
    }
}

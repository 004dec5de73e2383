//! `SHA256SUMS`: a hash of every file of the distribution.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::files_of;

/// The file's name, as release pages know it.
pub(super) const NAME: &str = "SHA256SUMS";

/// Writes the file.
pub(super) fn write(out: &Path) -> Result<()> {
    let mut text = String::new();
    for file in files_of(out)?.into_iter().filter(|file| file.as_os_str() != NAME) {
        let bytes =
            fs::read(out.join(&file)).with_context(|| format!("could not read `{}`", file.display()))?;
        let digest = Sha256::digest(&bytes);
        for byte in digest {
            write!(text, "{byte:02x}")?;
        }
        writeln!(text, "  {}", file.display())?;
    }
    fs::write(out.join(NAME), text).with_context(|| format!("could not write `{NAME}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_covered_but_itself() {
        let out = tempfile::tempdir().unwrap();
        fs::create_dir(out.path().join("web")).unwrap();
        fs::write(out.path().join("web/a.js"), "abc").unwrap();
        fs::write(out.path().join("lisa"), "").unwrap();
        for _ in 0..2 {
            write(out.path()).unwrap();
            assert_eq!(
                fs::read_to_string(out.path().join(NAME)).unwrap(),
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  lisa\n\
                 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  web/a.js\n"
            );
        }
    }
}

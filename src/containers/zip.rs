//! Lambda packages: the same binary gives the same bytes, on any machine and any day.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// The form of packages; it changes when the same binary is packed differently.
pub(crate) const FORM: &str = "package/2";

/// What Lambda starts on `provided.al2023`.
const BOOTSTRAP: &str = "bootstrap";

/// A package of one executable, `bootstrap`, that everybody may read and run.
pub fn package(binary: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        // Packed once and sent often: three percent smaller for some seconds of time.
        .compression_level(Some(9))
        // The first moment that the format can say.
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755)
        .system(System::Unix);
    writer.start_file(BOOTSTRAP, options)?;
    writer.write_all(binary)?;
    Ok(writer.finish()?.into_inner())
}

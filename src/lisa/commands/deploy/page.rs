//! The web page's files: those that came with lisa, or those of `webAppAssetsPath`.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use lisa_config::Config;
use lisa_deploy::site::Files;

use crate::failure::{Failure, os_message};

/// Names the directory of the page that comes with lisa.
const VARIABLE: &str = "LISA_WEB";

/// Reads every file of the page. `base` is where the configuration's paths start.
pub(in crate::commands) fn read(config: &Config, base: &Path) -> Result<Files, Failure> {
    let folder = match &config.web_app_assets_path {
        Some(path) => base.join(path),
        None => own()?,
    };
    of_folder(&folder)
}

/// Reads every file of a page that lies in a folder.
pub(super) fn of_folder(folder: &Path) -> Result<Files, Failure> {
    let mut files = Files::new();
    gather(folder, "", &mut files).map_err(|error| {
        let message =
            format!("could not read the web page in `{}`: {}", folder.display(), os_message(&error));
        Failure::input(message, "Build the page there, or correct `webAppAssetsPath`.")
    })?;
    if files.contains_key("index.html") {
        return Ok(files);
    }
    let message = format!("`{}` holds no web page: there is no `index.html`", folder.display());
    Err(Failure::input(message, "Build the page there, or correct `webAppAssetsPath`."))
}

/// The page beside the command's own file, as a release has it.
fn own() -> Result<PathBuf, Failure> {
    if let Some(folder) = env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
        return Ok(folder.into());
    }
    let command = env::current_exe().and_then(fs::canonicalize).ok();
    let beside = command.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
    let places = ["web", "../share/lisa/web"].map(|place| beside.join(place));
    let found = places.iter().find(|place| place.join("index.html").is_file()).cloned();
    found.ok_or_else(|| {
        let message = format!("the web page is not beside lisa, in `{}`", places[0].display());
        Failure::input(
            message,
            format!("Name its directory with `{VARIABLE}` or `webAppAssetsPath`, or set `deployUi: false`."),
        )
    })
}

fn gather(folder: &Path, prefix: &str, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // What a desktop or an editor leaves behind is no part of the page.
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else {
            files.insert(format!("{prefix}{name}"), Bytes::from(fs::read(entry.path())?));
        }
    }
    Ok(())
}

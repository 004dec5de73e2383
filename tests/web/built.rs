//! The page as it is shipped.

use std::fs;
use std::path::{Path, PathBuf};

use lisa_testkit::{programs, repository};

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn it_names_no_other_host_and_holds_nothing_inline() {
    let page = programs::page().unwrap();
    let index = fs::read_to_string(page.join("index.html")).unwrap();
    assert!(index.contains(r#"http-equiv="Content-Security-Policy""#), "{index}");
    assert!(!index.contains("<style") && !index.contains(" style="), "{index}");
    assert!(index.matches("<script").count() == index.matches(" src=").count(), "{index}");
    for attribute in ["src=\"", "href=\""] {
        for address in index.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(!address.contains("//") && !address.starts_with('/'), "{address}");
        }
    }
    let styles = files(&page).into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "css"));
    for path in styles {
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("url(") && !text.contains("@import"), "{}", path.display());
    }
}

/// What others name must not change its name with its content; all else does.
#[test]
fn all_but_the_page_itself_may_be_kept_for_ever() {
    let page = programs::page().unwrap();
    for path in files(&page).iter().filter(|path| path.starts_with(page.join("assets"))) {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let hash = stem.rsplit('-').next().unwrap();
        assert!(hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{stem}");
    }
}

/// A lock file that names where to download from would bind every build to that host.
#[test]
fn the_lock_file_names_no_place_to_download_from() {
    let lock = fs::read_to_string(repository::path("src/web/package-lock.json")).unwrap();
    assert!(lock.contains("\"integrity\"") && !lock.contains("\"resolved\""));
}

//! Standard output that goes away or cannot be written.

use std::process::Stdio;

use crate::cli::project::Project;

/// `lisa schema | head -1` must neither panic nor fail.
#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let project = Project::minimal();
    for arguments in [&["schema"][..], &["completions", "bash"], &["schema", "--output", "json"]] {
        let mut command = project.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_needs_action() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Project::minimal().command(&["schema"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(6));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("could not write standard output: no space left")
    );
}

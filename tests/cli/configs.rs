//! Every file of `tests/configs`: the invalid ones with their whole message as a snapshot, the valid ones accepted.

use std::fs;
use std::path::PathBuf;

use lisa_testkit::repository;

use crate::cli::project::Project;

/// The files of a folder of `tests/configs`, by name.
fn files(folder: &str) -> Vec<(String, PathBuf)> {
    let listed = fs::read_dir(repository::path("tests/configs").join(folder)).unwrap();
    let mut files: Vec<(String, PathBuf)> = listed
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    files.sort();
    files
}

#[test]
fn every_invalid_file_is_refused_with_its_message() {
    let files = files("invalid");
    assert!(files.len() >= 120, "there are only {} invalid files", files.len());
    for (name, path) in &files {
        let project = Project::empty();
        project.write("config.yaml", fs::read(path).unwrap());
        let conversation = project.lisa(&["validate"]);
        assert_eq!(conversation.exit, Some(3), "{name}: {conversation}");
        insta::with_settings!({
            snapshot_path => "snapshots/invalid",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!(name.as_str(), conversation.stderr) });
    }
}

/// A message whose file is gone would lie there for ever.
#[test]
fn every_message_has_its_file() {
    let names: Vec<String> = files("invalid").into_iter().map(|(name, _)| name).collect();
    for entry in fs::read_dir(repository::path("tests/cli/snapshots/invalid")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let name = file.trim_end_matches(".snap");
        assert!(names.iter().any(|known| known == name), "`{file}` is of no file in tests/configs/invalid");
    }
}

#[test]
fn every_valid_file_is_accepted() {
    let files = files("valid");
    assert!(files.len() >= 30, "there are only {} valid files", files.len());
    for (name, path) in &files {
        let project = Project::empty();
        project.write("config.yaml", fs::read(path).unwrap());
        let conversation = project.lisa(&["validate"]);
        assert_eq!(conversation.exit, Some(0), "{name}: {conversation}");
        assert_eq!(conversation.stdout, "", "{name}");
    }
}

#[test]
fn every_example_is_synthesized_with_the_security_rules_on() {
    let folder = lisa_testkit::repository::path("examples");
    let examples = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let examples: Vec<_> =
        examples.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    assert!(examples.len() >= 8, "there are only {} examples", examples.len());
    for path in examples {
        let project = Project::empty();
        project.write("config.yaml", fs::read(&path).unwrap());
        let conversation = project.lisa(&["synth"]);
        assert_eq!(conversation.exit, Some(0), "{}: {conversation}", path.display());
    }
}

#[test]
fn json_tells_the_same_as_the_drawing() {
    for (name, path) in files("invalid") {
        let project = Project::empty();
        project.write("config.yaml", fs::read(path).unwrap());
        let drawn = project.lisa(&["validate"]);
        let data = project.lisa(&["validate", "--output", "json"]);
        assert_eq!((data.exit, data.stderr.as_str()), (Some(3), ""), "{name}");
        let data = data.json();
        let problems = data["problems"].as_array().unwrap();
        assert!(problems.iter().any(|problem| problem["severity"] == "error"), "{name}");
        for problem in problems {
            let (rule, line, column) = (&problem["rule"], &problem["line"], &problem["column"]);
            assert!(drawn.stderr.contains(rule.as_str().unwrap()), "{name}: {rule}\n{drawn}");
            if *line != 0 {
                let place = format!("[config.yaml:{line}:{column}]");
                assert!(drawn.stderr.contains(&place), "{name}: {place}\n{drawn}");
            }
        }
    }
}

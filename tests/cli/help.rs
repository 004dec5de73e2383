//! Help, version and misuse: every command's help text is a snapshot.

use insta::assert_snapshot;

use crate::cli::project::Project;

const COMMANDS: [&[&str]; 45] = [
    &["validate"],
    &["schema"],
    &["init"],
    &["synth"],
    &["list"],
    &["graph"],
    &["model"],
    &["model", "add"],
    &["model", "list"],
    &["model", "get"],
    &["model", "update"],
    &["model", "start"],
    &["model", "stop"],
    &["model", "delete"],
    &["model", "fit"],
    &["model", "stage"],
    &["model", "synth"],
    &["check"],
    &["doctor"],
    &["build"],
    &["image"],
    &["image", "mirror"],
    &["bundle"],
    &["bootstrap"],
    &["diff"],
    &["deploy"],
    &["destroy"],
    &["status"],
    &["outputs"],
    &["logs"],
    &["token"],
    &["token", "create"],
    &["token", "list"],
    &["token", "revoke"],
    &["usage"],
    &["cert"],
    &["cert", "generate"],
    &["cert", "upload"],
    &["local"],
    &["rag"],
    &["rag", "ingest"],
    &["rag", "search"],
    &["rag", "eval"],
    &["completions"],
    &["man"],
];

#[test]
fn the_commands() {
    assert_snapshot!(Project::empty().lisa(&["--help"]));
}

#[test]
fn every_command_explains_itself_with_examples() {
    for command in COMMANDS {
        let arguments: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let conversation = Project::empty().lisa(&arguments);
        assert_eq!(conversation.exit, Some(0), "{command:?}");
        if !["model", "image", "token", "cert", "rag"].contains(&command.join(" ").as_str()) {
            assert!(conversation.stdout.contains("Examples:"), "{command:?} has no example");
        }
        insta::with_settings!({ omit_expression => true }, {
            assert_snapshot!(format!("help-{}", command.join("-")), conversation);
        });
    }
}

/// A command that is added to the list of commands is to be added to [`COMMANDS`].
#[test]
fn no_command_is_forgotten() {
    let help = Project::empty().lisa(&["--help"]).stdout;
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> =
        listed.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    let known: Vec<&str> =
        COMMANDS.iter().filter(|command| command.len() == 1).map(|command| command[0]).collect();
    assert_eq!(names, known);
}

#[test]
fn the_version() {
    assert_snapshot!(Project::empty().lisa(&["--version"]));
}

#[test]
fn a_command_that_there_is_not() {
    assert_snapshot!(Project::empty().lisa(&["sinth"]));
}

#[test]
fn a_flag_that_there_is_not() {
    assert_snapshot!(Project::empty().lisa(&["synth", "--stak", "serve"]));
}

#[test]
fn no_command() {
    let conversation = Project::empty().lisa(&[]);
    assert_eq!(conversation.exit, Some(2));
    assert!(conversation.stderr.contains("Usage: lisa"), "{conversation}");
}

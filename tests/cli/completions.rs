//! `lisa completions`: a script for each shell that knows every command.

use crate::cli::project::Project;

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let conversation = Project::empty().lisa(&["completions", shell]);
        assert_eq!((conversation.exit, conversation.stderr.as_str()), (Some(0), ""), "{shell}");
        for word in ["validate", "synth", "completions", "allow-unknown"] {
            assert!(conversation.stdout.contains(word), "{shell} lacks {word}");
        }
    }
}

#[test]
fn an_unknown_shell_is_a_misuse() {
    assert_eq!(Project::empty().lisa(&["completions", "tcsh"]).exit, Some(2));
}

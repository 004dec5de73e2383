//! `lisa diff --against`: two sets of templates compared without an account, in each form and with each exit code.

use crate::cli::project::{MINIMAL, Project};

/// Whoever reaches the deployment from the internet, or chats with it, has to sign in.
const SIGN_IN: &str = "authConfig:\n  authority: https://idp.example.com\n  clientId: lisa\n";

/// A directory with what [`MINIMAL`] makes in `before`, and `config.yaml` edited since.
fn edited(edit: impl Fn(&str) -> String) -> Project {
    let config = format!("{MINIMAL}{SIGN_IN}");
    let project = Project::with(&config);
    let written = project.lisa(&["synth", "--out", "before"]);
    assert_eq!(written.exit, Some(0), "{written}");
    project.write("config.yaml", edit(&config));
    project
}

fn opened(config: &str) -> String {
    config.replace("internetFacing: false", "internetFacing: true")
}

#[test]
fn nothing_differs_from_itself() {
    let conversation = edited(str::to_owned).lisa(&["diff", "--against", "before", "--exit-code"]);
    assert_eq!((conversation.exit, conversation.stderr.as_str()), (Some(0), ""), "{conversation}");
    assert!(conversation.stdout.starts_with("no changes in "), "{conversation}");
}

#[test]
fn a_difference_is_told_and_is_an_exit_code_only_when_asked() {
    let project = edited(opened);
    let asked = project.lisa(&["diff", "--against", "before", "--exit-code"]);
    assert_eq!(asked.exit, Some(7), "{asked}");
    assert!(asked.stdout.contains("! `LoadBalancer` is now internet-facing"), "{asked}");
    assert_eq!(project.lisa(&["diff", "--against", "before"]).exit, Some(0));
}

#[test]
fn one_stack_alone() {
    let conversation = edited(opened).lisa(&["diff", "--against", "before", "--stack", "core"]);
    assert_eq!(conversation.stdout.trim(), "no changes in 1 stack", "{conversation}");
}

#[test]
fn a_stack_that_the_configuration_leaves_out_goes() {
    let project = Project::with(&format!("{MINIMAL}{SIGN_IN}").replace("deployChat: false\n", ""));
    assert_eq!(project.lisa(&["synth", "--out", "before"]).exit, Some(0));
    project.write("config.yaml", MINIMAL);
    let conversation = project.lisa(&["diff", "--against", "before", "--stack", "chat"]);
    assert!(conversation.stdout.contains("`lisa destroy --stack chat` takes it away"), "{conversation}");
}

#[test]
fn as_data_and_as_markdown() {
    let project = edited(opened);
    let data = project.lisa(&["diff", "--against", "before", "--output", "json"]).json();
    let serve = data["stacks"].as_array().unwrap().iter().find(|stack| stack["name"] == "serve").unwrap();
    let resources = serve["resources"].as_array().unwrap();
    let balancer = resources.iter().find(|resource| resource["logicalId"] == "LoadBalancer").unwrap();
    assert_eq!(
        (&balancer["class"], &serve["basis"]),
        (&"replace".into(), &"templates".into()),
        "{balancer:#}"
    );
    let page = project.lisa(&["diff", "--against", "before", "--markdown"]).stdout;
    assert!(page.contains("| replace | serve | `LoadBalancer` |"), "{page}");
    let both = project.lisa(&["diff", "--against", "before", "--markdown", "--output", "json"]);
    assert_eq!(both.exit, Some(2), "{both}");
}

#[test]
fn what_is_no_output_directory_is_refused() {
    let project = Project::minimal();
    let absent = project.lisa(&["diff", "--against", "nowhere"]);
    assert_eq!(absent.exit, Some(2), "{absent}");
    assert!(absent.stderr.contains("earlier `lisa synth`"), "{absent}");
    assert_eq!(project.lisa(&["synth", "--out", "before", "--format", "yaml"]).exit, Some(0));
    let yaml = project.lisa(&["diff", "--against", "before"]);
    assert_eq!(yaml.exit, Some(3), "{yaml}");
    assert!(yaml.stderr.contains("is not JSON"), "{yaml}");
}

//! `lisa model add` without a file and without flags: at a terminal it asks, checks each answer, shows what it would ask
//! for, and asks for it then.

use std::fs;

use lisa_testkit::Terminal;
use serde_json::json;

use super::api::{Api, KEY};
use super::by_url::{Caller, LARGE, NAME};
use super::place::{IMAGE, Place, in_a_line, said};

/// The questions of a hosted model with an answer each; a question that comes again was answered wrongly before.
const HOSTED: [(&str, &str); 13] = [
    ("Name: ", ""),
    ("this one is needed", NAME),
    ("Does LISA host it", "perhaps"),
    ("neither `yes` nor `no`", "yes"),
    ("Id that clients send", "two words"),
    ("Id that clients send", "small"),
    ("What it makes", "poems"),
    ("`poems` is not a choice", "textgen"),
    ("Can it answer piece by piece", ""),
    ("Engine", "vllm"),
    ("Image [vllm/vllm-openai", IMAGE),
    ("Instance type [g5.xlarge]", "g5.huge"),
    ("Instance type [g5.xlarge]", ""),
];

/// Answers every question up to the review.
fn answer(terminal: &mut Terminal) {
    for (question, answer) in HOSTED {
        terminal.expect(question).unwrap();
        terminal.enter(answer).unwrap();
    }
    terminal.expect("Most hosts [1]").unwrap();
    terminal.enter("0").unwrap();
    terminal.expect("`0` is no number from 1 on").unwrap();
    terminal.enter("2").unwrap();
    terminal.expect("Groups that may use it").unwrap();
    terminal.enter("team, lab").unwrap();
}

#[test]
fn somebody_is_asked_and_sees_what_they_have_said_before_it_is_done() {
    let place = Place::set();
    let api = Api::start(&place);
    let caller = Caller::of(&api);
    let folder = caller.directory.path().join("models").join(NAME);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.json"), LARGE).unwrap();
    let add = caller.command(KEY, &["model", "add", "--wait"]);

    // Nobody who breaks off has added anything: at a question, or at the last one, by Ctrl-C, by its end or by `no`.
    let mut terminal = Terminal::start(&add).unwrap();
    terminal.expect("Name: ").unwrap();
    terminal.interrupt().unwrap();
    let (code, shown) = terminal.ended().unwrap();
    assert_eq!(code, Some(130), "{shown}");
    for last in ["\x03", "\x04", "no\n"] {
        let mut terminal = Terminal::start(&add).unwrap();
        answer(&mut terminal);
        terminal.expect("Add the model").unwrap();
        terminal.press(last).unwrap();
        let (code, shown) = terminal.ended().unwrap();
        assert_eq!(code, Some(130), "{last:?}: {shown}");
    }
    assert_eq!(caller.does(&["model", "list"]), json!({ "models": [] }));

    let mut terminal = Terminal::start(&add).unwrap();
    answer(&mut terminal);
    let review = terminal.expect("Add the model").unwrap();
    for told in
        ["\"modelId\": \"small\"", "\"maxCapacity\": 2", "\"lab\"", IMAGE, "warning: `g5.xlarge` does not"]
    {
        assert!(review.contains(told), "{told}: {review}");
    }
    assert_eq!(caller.does(&["model", "list"]), json!({ "models": [] }), "nothing is added yet");
    terminal.enter("yes").unwrap();
    terminal.expect("small is InService").unwrap();
    let (code, shown) = terminal.ended().unwrap();
    assert_eq!(code, Some(0), "{shown}{}", api.log());

    let added = caller.does(&["model", "get", "small"]);
    assert_eq!(added["status"], "InService");
    assert_eq!(added["allowedGroups"], json!(["team", "lab"]));
    assert_eq!(added["autoScalingConfig"]["maxCapacity"], 2);
    caller.does(&["model", "delete", "small", "--yes", "--wait"]);

    // Where nobody can be asked, it says so at once.
    let output = caller.command(KEY, &["model", "add"]).stdin(std::process::Stdio::null()).output().unwrap();
    assert!(
        output.status.code() == Some(2) && in_a_line(&output).contains("no terminal"),
        "{}",
        said(&output)
    );
}

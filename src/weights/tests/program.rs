//! The program itself: settings, log lines, exit codes, and what it leaves when it is killed.

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

use crate::random::Random;
use crate::scene::Scene;
use lisa_testkit::s3::Content;

const SECRET: &str = "wJalrXUtnFEMI-secret";

fn program(scene: &Scene) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lisa-weights"));
    command
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_ENDPOINT_URL", format!("http://{}", scene.server.address))
        .env("AWS_REGION", "us-east-1")
        .env("LOCAL_MODEL_PATH", scene.directory.path())
        .env("LOG_LEVEL", "DEBUG")
        .env("MODEL_NAME", "org/model")
        .env("S3_BUCKET_MODELS", "weights")
        .env("THREADS", "2")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    assert!(!text.contains(SECRET), "{text}");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[test]
fn done_is_0_and_lines_are_json() {
    let scene = Scene::new(70);
    let output = program(&scene).output().unwrap();
    let lines = lines(&output);
    assert_eq!(output.status.code(), Some(0), "{lines:?}");
    scene.is_whole();
    let last = lines.last().unwrap();
    assert_eq!(last["message"], "the weights are in place");
    assert_eq!(last["bytes"], scene.bytes());
}

#[test]
fn failed_is_1_and_one_sentence_says_why() {
    let scene = Scene::new(71);
    scene.server.shop().trouble.denied = true;
    let output = program(&scene).output().unwrap();
    let lines = lines(&output);
    assert_eq!(output.status.code(), Some(1));
    let errors: Vec<_> = lines.iter().filter(|line| line["level"] == "ERROR").collect();
    assert_eq!(errors.len(), 1, "{lines:?}");
    assert!(errors[0]["reason"].as_str().unwrap().contains("AccessDenied"), "{lines:?}");

    let output = program(&scene).env_remove("MODEL_NAME").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("`MODEL_NAME` is missing"));
}

/// Kills with SIGKILL, as a host that goes down does, until one run comes to its end.
#[test]
fn killed_by_the_system_it_goes_on() {
    let mut random = Random(72);
    let scene = Scene::new(72);
    scene.server.shop().trouble.cut_every = 2;
    for _ in 0..8 {
        let mut child: Child = program(&scene).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(5 + random.below(60)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let output = program(&scene).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{:?}", lines(&output));
    scene.is_whole();
}

#[test]
fn memory_stays_small_whatever_the_size() {
    const SIZE: u64 = 384 * 1024 * 1024;
    let scene = Scene::new(73);
    scene.server.shop().put("org/model/zeros.safetensors", Content::Zeros(SIZE));
    // As many reads at once as there can be.
    let output = program(&scene).env("THREADS", "8").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{:?}", lines(&output));
    let there = std::fs::metadata(scene.directory.path().join("zeros.safetensors")).unwrap();
    assert_eq!(there.len(), SIZE);
    // In KiB, of the largest child so far.
    let most = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    assert!(most < 128 * 1024, "{most} KiB");
}

//! Runs that are killed as a machine kills: a process is gone at once, with whatever it was writing.
//!
//! A future that is dropped is another thing: what it has handed to other threads still happens, beside the next run.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use lisa_staging::Stage;

use crate::bucket::Memory;
use crate::scene::{FILES, MODEL, Scene, bytes, on_stage};

/// Where the process that is killed finds the hub and the folder of models.
const HUB: &str = "LISA_TEST_HUB";

/// See [`HUB`].
const MODELS: &str = "LISA_TEST_MODELS";

/// This test as a process that stages once.
fn process(scene: &Scene) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "killed::at_a_hundred_places_it_goes_on"]);
    command.env(HUB, scene.hub.url()).env(MODELS, scene.models.path());
    command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap()
}

/// Kills a run at a place; false where it was at its end before.
fn killed(scene: &Scene, place: u64) -> bool {
    let mut child = process(scene);
    sleep(Duration::from_millis(place));
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(status.success() || status.code().is_none(), "it went wrong by itself: {status}");
    !status.success()
}

/// Every file has all of its bytes, or is not there.
fn is_sound(scene: &Scene) {
    for name in FILES {
        if let Ok(there) = fs::read(scene.local(name)) {
            let expected = scene.hub.shelves().files[name].len();
            assert_eq!(there.len(), expected, "`{name}` has half of its bytes");
        }
    }
}

/// After a hundred kills, every tenth of them followed by a run that comes to its end.
#[tokio::test]
async fn at_a_hundred_places_it_goes_on() {
    if let (Ok(hub), Ok(models)) = (env::var(HUB), env::var(MODELS)) {
        let (models, bucket) = (Path::new(&models), Memory::default());
        let act = async |stage: Stage<'_>| stage.model(MODEL, "main").await.unwrap();
        on_stage(Some(&hub), models, &bucket, Arc::default(), act).await;
        return;
    }
    let scene = Scene::new();
    scene.hub.shelves().trouble.cut_every = 3;
    let mut kills = 0_u8;
    for run in 0.. {
        // Before it begins, while files come, while they are read, and later.
        kills += u8::from(killed(&scene, 1 + run * 37 % 120));
        is_sound(&scene);
        if run % 10 == 9 {
            assert!(process(&scene).wait().unwrap().success());
            let reads = scene.hub.shelves().reads;
            scene.stage().await.unwrap();
            assert_eq!(scene.hub.shelves().reads, reads, "a file was missing at the end");
            scene.is_whole(&FILES);
            if kills >= 100 {
                return;
            }
            scene.hub.put("model-00001-of-00002.safetensors", bytes(300_000, kills));
            fs::remove_dir_all(scene.local("")).unwrap();
        }
    }
}

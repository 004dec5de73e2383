//! Models that are another at the hub than on this machine: nothing of what was is taken for what is.

use std::fs;
use std::path::Path;

use lisa_staging::{StageError, Standing};

use crate::scene::{FILES, MODEL, Scene, bytes};

/// A hub that has the model in PyTorch's form alone, with this byte at the end of its numbers.
fn torch(scene: &Scene, byte: u8) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../checkpoint/tests/torch/legacy.pt");
    let mut file = fs::read(fixture).unwrap();
    // The last storage is an empty one: a count of 8 bytes.
    let last = file.len() - 9;
    file[last] = byte;
    scene.hub.shelves().files.retain(|name, _| name == "config.json");
    scene.hub.put("pytorch_model.bin", file);
}

#[tokio::test]
async fn new_weights_of_pytorchs_are_converted_anew() {
    let scene = Scene::new();
    torch(&scene, 1);
    assert_eq!(scene.stage().await.unwrap().converted, 1);
    let key = format!("{MODEL}/model.safetensors");
    let before = scene.bucket.bytes(&key);
    torch(&scene, 2);
    let staged = scene.stage().await.unwrap();
    assert_eq!((staged.converted, staged.stored), (1, before.len() as u64));
    assert_ne!(scene.bucket.bytes(&key), before);
    assert_eq!(scene.stage().await.unwrap().converted, 0);
}

#[tokio::test]
async fn another_form_takes_the_place_of_the_first() {
    let scene = Scene::new();
    scene.stage().await.unwrap();
    torch(&scene, 1);
    assert_eq!(scene.stage().await.unwrap().converted, 1);
    let names: Vec<String> = scene.manifest().files.into_keys().collect();
    assert_eq!(names, ["config.json", "model.safetensors"]);
    // What somebody has put beside it stays.
    fs::write(scene.local("chat_template.jinja"), "{{ messages }}").unwrap();
    scene.hub.shelves().files.remove("pytorch_model.bin");
    scene.hub.put("model-00001-of-00001.safetensors", bytes(1000, 1));
    scene.stage().await.unwrap();
    let names: Vec<String> = scene.manifest().files.into_keys().collect();
    assert_eq!(names, ["chat_template.jinja", "config.json", "model-00001-of-00001.safetensors"]);
}

#[tokio::test]
async fn without_the_hub_another_revision_is_refused() {
    let scene = Scene::new();
    scene.on_stage(true, async |stage| stage.model(MODEL, "v1").await.unwrap()).await;
    let error = scene.stage_of(false).await.unwrap_err();
    assert!(matches!(&error, StageError::Revision { there, .. } if there == "v1"), "{error}");
    let commit = scene.manifest().source.split_once('@').unwrap().1.to_owned();
    for revision in ["v1", &commit] {
        scene.on_stage(false, async |stage| stage.model(MODEL, revision).await.unwrap()).await;
    }
}

#[tokio::test]
async fn a_bucket_is_at_the_commit_that_its_manifest_names() {
    let scene = Scene::new();
    let is_at = async |online| {
        let standing = scene.stands().await;
        scene.on_stage(online, async |stage| stage.is_at(MODEL, "main", &standing).await.unwrap()).await
    };
    assert!(!is_at(true).await);
    scene.stage().await.unwrap();
    assert!(
        matches!(scene.stands().await, Standing::Complete { source } if source.starts_with("org/model@"))
    );
    assert!(is_at(true).await && !is_at(false).await);
    scene.hub.put("config.json", "{}");
    assert!(!is_at(true).await);
}

#[tokio::test]
async fn two_runs_do_not_meet_in_one_folder() {
    let scene = Scene::new();
    let (one, other) = tokio::join!(scene.stage(), scene.stage());
    one.unwrap();
    assert!(matches!(other, Err(StageError::Busy(_))), "{other:?}");
    scene.is_whole(&FILES);
    scene.stage().await.unwrap();
}

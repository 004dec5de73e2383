//! From a folder to a bucket that goes wrong: what is there stays, and the manifest tells the truth.

use std::fs;
use std::path::Path;

use lisa_api::weights::{MANIFEST, Manifest};
use lisa_deploy::ports::CallErrorKind;
use lisa_staging::{StageError, Standing};

use crate::scene::{FILES, MODEL, Scene, bytes};

/// A model in PyTorch's form, in the folder of models.
fn own(scene: &Scene) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../checkpoint/tests/torch");
    fs::create_dir_all(scene.local("sub")).unwrap();
    fs::write(scene.local("config.json"), "{}").unwrap();
    fs::copy(fixture.join("archive.pt"), scene.local("pytorch_model-00001-of-00002.bin")).unwrap();
    fs::copy(fixture.join("legacy.pt"), scene.local("pytorch_model-00002-of-00002.bin")).unwrap();
    fs::write(scene.local("training_args.bin"), b"cposix\nsystem\n.").unwrap();
    index(scene, "matrix");
}

fn index(scene: &Scene, tensor: &str) {
    let map = serde_json::json!({ "weight_map": { tensor: "pytorch_model-00001-of-00002.bin" } });
    fs::write(scene.local("pytorch_model.bin.index.json"), map.to_string()).unwrap();
}

#[tokio::test]
async fn a_folder_of_ones_own_is_converted_and_stored_without_a_hub() {
    let scene = Scene::new();
    own(&scene);
    let staged = scene.stage_of(false).await.unwrap();
    assert_eq!((staged.files, staged.converted), (4, 2));
    let expected = [
        MANIFEST,
        "config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
    ];
    assert_eq!(scene.bucket.keys(), expected.map(|name| format!("{MODEL}/{name}")));
    let index = scene.bucket.bytes(&format!("{MODEL}/model.safetensors.index.json"));
    let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
    assert_eq!(index["weight_map"]["matrix"], "model-00002-of-00002.safetensors");
    assert!(index["metadata"]["total_size"].as_u64().unwrap() > 100);
    assert_eq!(scene.hub.shelves().reads, 0);
    assert_eq!(scene.stage_of(false).await.unwrap().converted, 0, "what is converted is not converted again");
}

#[tokio::test]
async fn an_index_says_what_must_be_there() {
    let scene = Scene::new();
    own(&scene);
    index(&scene, "lm_head.weight");
    let error = scene.stage_of(false).await.unwrap_err();
    assert!(matches!(&error, StageError::Index { tensor, .. } if tensor == "lm_head.weight"), "{error}");
    assert!(scene.bucket.keys().is_empty());
    // It is said again by the next run: nothing that was made by the first one is taken for the model.
    assert!(matches!(scene.stage_of(false).await, Err(StageError::Index { .. })));
}

/// What a set is made of is there before its last file is: a run that is cut after it has left nothing out.
#[tokio::test]
async fn the_index_comes_before_the_files() {
    let scene = Scene::new();
    own(&scene);
    let last = scene.local("model-00002-of-00002.safetensors");
    fs::create_dir_all(last.join("in the way")).unwrap();
    let error = scene.stage_of(false).await.unwrap_err();
    assert!(matches!(error, StageError::Torch(_)), "{error}");
    assert!(scene.local("model-00001-of-00002.safetensors").is_file());
    let index = fs::read(scene.local("model.safetensors.index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
    assert_eq!(index["weight_map"]["matrix"], "model-00002-of-00002.safetensors");
    fs::remove_dir_all(last).unwrap();
    assert_eq!(scene.stage_of(false).await.unwrap().converted, 2);
}

#[tokio::test]
async fn a_pickle_that_would_run_something_is_not_staged() {
    let scene = Scene::new();
    own(&scene);
    let bad = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2ecposix\nsystem\n.";
    fs::write(scene.local("pytorch_model-00001-of-00002.bin"), bad).unwrap();
    let error = scene.stage_of(false).await.unwrap_err();
    assert!(error.to_string().contains("it asks for `posix.system`"), "{error}");
    assert!(scene.bucket.keys().is_empty());
}

#[tokio::test]
async fn without_a_hub_there_has_to_be_a_folder() {
    let scene = Scene::new();
    assert!(matches!(scene.stage_of(false).await, Err(StageError::Offline(_))));
    scene.hub.shelves().trouble.corrupt_every = 1;
    scene.stage().await.unwrap_err();
    assert!(matches!(scene.stage_of(false).await, Err(StageError::Unfinished(_))));
}

#[tokio::test]
async fn what_the_bucket_has_is_left_alone() {
    let scene = Scene::new();
    assert_eq!(scene.stands().await, Standing::Absent);
    scene.stage().await.unwrap();
    assert!(matches!(scene.stands().await, Standing::Complete { .. }));
    assert_eq!(scene.stage().await.unwrap().stored, 0);
    // Without the manifest the objects themselves say what they hold.
    let manifest = format!("{MODEL}/{MANIFEST}");
    scene.bucket.objects.lock().unwrap().remove(&manifest);
    assert_eq!(scene.stands().await, Standing::Unlisted);
    assert_eq!(scene.stage().await.unwrap().stored, 0);
    scene.is_whole(&FILES);
}

#[tokio::test]
async fn what_is_gone_or_another_is_stored_again() {
    let scene = Scene::new();
    scene.stage().await.unwrap();
    scene.bucket.objects.lock().unwrap().remove(&format!("{MODEL}/config.json"));
    assert_eq!(scene.stands().await, Standing::Partial { lacks: Some("config.json".to_owned()) });
    assert_eq!(scene.stage().await.unwrap().stored, 22);
    // A file that the model has no more goes; what is somebody else's stays.
    let other = format!("{MODEL}/chat_template.jinja");
    scene.bucket.objects.lock().unwrap().insert(other.clone(), Default::default());
    scene.hub.shelves().files.remove("tokenizer with a space.json");
    scene.hub.put("config.json", "{}");
    scene.stage().await.unwrap();
    let keys = scene.bucket.keys();
    assert!(keys.contains(&other) && !keys.iter().any(|key| key.contains("space")), "{keys:?}");
}

/// A bucket that is empty, or has the model as it was before one of its files changed; and that model's manifest.
async fn before(has_model: bool) -> (Scene, Option<Manifest>) {
    let scene = Scene::new();
    if has_model {
        scene.stage().await.unwrap();
        scene.hub.put("model-00001-of-00002.safetensors", bytes(300_000, 9));
    }
    let manifest = has_model.then(|| scene.manifest());
    (scene, manifest)
}

/// Each call of a run fails once: it passes where it may pass, and where it does not nothing new counts as there.
#[tokio::test]
async fn any_call_may_fail() {
    for has_model in [false, true] {
        let (scene, _) = before(has_model).await;
        let begin = scene.bucket.count();
        scene.stage().await.unwrap();
        let end = scene.bucket.count();
        assert!(end - begin >= 8, "{:?}", scene.bucket.calls);
        for number in begin + 1..=end {
            for kind in [CallErrorKind::Service, CallErrorKind::Denied] {
                let (scene, manifest) = before(has_model).await;
                *scene.bucket.failing.lock().unwrap() = Some((vec![number], kind));
                let first = scene.stage().await;
                *scene.bucket.failing.lock().unwrap() = None;
                if kind.is_transient() {
                    first.unwrap();
                } else {
                    first.unwrap_err();
                    let is_there = scene.stands().await.is_there();
                    assert!(!is_there || Some(scene.manifest()) == manifest, "call {number}");
                    scene.stage().await.unwrap();
                }
                scene.is_whole(&FILES);
                assert!(scene.stands().await.is_there());
            }
        }
    }
}

#[tokio::test]
async fn a_bucket_that_keeps_something_else_is_told() {
    let mut scene = Scene::new();
    scene.bucket.shortens = true;
    let error = scene.stage().await.unwrap_err();
    assert!(matches!(error, StageError::Stored(_)), "{error}");
    assert!(matches!(scene.stands().await, Standing::Partial { lacks: Some(_) }));
    assert!(!scene.manifest().complete);
}

/// Every file has its size, and none its content: the manifest of a run that was cut is no reason to leave one alone.
#[tokio::test]
async fn a_new_content_whose_upload_was_cut_is_stored_by_the_next_run() {
    let scene = Scene::new();
    scene.stage().await.unwrap();
    let calls = scene.bucket.count();
    scene.hub.shelves().files.remove("tokenizer with a space.json");
    scene.hub.put("model-00001-of-00002.safetensors", bytes(300_000, 9));
    // The listing, the manifest, a head, the announcement; then the file.
    *scene.bucket.failing.lock().unwrap() = Some((vec![calls + 5], CallErrorKind::Denied));
    scene.stage().await.unwrap_err();
    let last = scene.bucket.calls.lock().unwrap().last().cloned();
    assert_eq!(last.as_deref(), Some("put org/model/model-00001-of-00002.safetensors"));
    assert_eq!(scene.stands().await, Standing::Partial { lacks: None });
    *scene.bucket.failing.lock().unwrap() = None;
    assert_eq!(scene.stage().await.unwrap().stored, 300_000);
    scene.is_whole(&FILES[..4]);
}

/// A new commit of the same files: nothing is stored, and nothing is incomplete on the way.
#[tokio::test]
async fn another_commit_of_the_same_content_is_told() {
    let scene = Scene::new();
    scene.stage().await.unwrap();
    let (before, calls) = (scene.manifest(), scene.bucket.count());
    scene.hub.put("pytorch_model.bin", "not wanted either");
    assert_eq!(scene.stage().await.unwrap().stored, 0);
    let after = scene.manifest();
    assert!(after.complete && after.files == before.files && after.source != before.source);
    let puts =
        scene.bucket.calls.lock().unwrap()[calls..].iter().filter(|call| call.starts_with("put")).count();
    assert_eq!(puts, 1);
}

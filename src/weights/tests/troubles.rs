//! Copies from a server that goes wrong.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lisa_weights::CopyError;
use sha2::{Digest as _, Sha256};

use crate::scene::{FOLDER, Scene, tree};
use lisa_testkit::s3::Trouble;

async fn survives(seed: u64, trouble: Trouble) {
    let mut scene = Scene::new(seed);
    // Which read meets which fault is left to chance: none of them may meet as many as this in a row.
    scene.tuning.attempts = 40;
    scene.server.shop().trouble = trouble;
    scene.copy().await.expect("every fault passes");
    scene.is_whole();
}

#[tokio::test]
async fn cut_connections() {
    survives(20, Trouble { cut_every: 2, ..Trouble::default() }).await;
}

#[tokio::test]
async fn a_server_that_cuts_every_connection_still_moves_on() {
    survives(21, Trouble { cut_every: 1, ..Trouble::default() }).await;
}

#[tokio::test]
async fn throttling_and_wrong_sizes() {
    let trouble = Trouble { throttle_every: 3, whole_every: 5, short_every: 7, ..Trouble::default() };
    survives(22, trouble).await;
}

#[tokio::test]
async fn throttling_without_an_end_is_told() {
    let scene = Scene::new(23);
    scene.server.shop().trouble.throttle_every = 1;
    let error = scene.copy().await.unwrap_err();
    assert!(matches!(error, CopyError::Exhausted { attempts: 5, .. }), "{error}");
    assert!(error.to_string().contains("SlowDown"), "{error}");
    assert!(tree(scene.directory.path()).is_empty());
}

#[tokio::test]
async fn an_object_that_changes_in_mid_copy_comes_in_its_new_content() {
    let name = "model-00001-of-00002.safetensors";
    for after in 1..20 {
        let mut scene = Scene::new(24);
        // Of the same size, so that nothing but the ETag tells.
        let new = vec![9; 40_000];
        let change = Some((after, format!("{FOLDER}{name}"), new.clone()));
        scene.server.shop().trouble.change = change;
        scene.copy().await.unwrap();
        scene.files.insert(name.to_owned(), new);
        scene.is_whole();
    }
}

#[tokio::test]
async fn a_folder_that_never_rests_is_told() {
    let mut scene = Scene::new(25);
    scene.tuning.rounds = 0;
    let error = scene.copy().await.unwrap_err();
    assert!(matches!(error, CopyError::Unsettled { .. }), "{error}");
}

#[tokio::test]
async fn bytes_that_s3_does_not_vouch_for_never_get_a_name() {
    for (every, is_fatal) in [(1, true), (1000, false)] {
        let scene = Scene::new(26);
        for (name, bytes) in &scene.files {
            let mut shop = scene.server.shop();
            let digest = STANDARD.encode(Sha256::digest(bytes));
            let stored = shop.objects.get_mut(&format!("{FOLDER}{name}")).unwrap();
            stored.headers.push(("x-amz-checksum-sha256", digest));
        }
        // Every byte range is wrong, or none: the thousandth request never comes.
        scene.server.shop().trouble.corrupt_every = every;
        let copied = scene.copy().await;
        assert_eq!(matches!(copied, Err(CopyError::Checksum { .. })), is_fatal, "{copied:?}");
        assert_eq!(tree(scene.directory.path()).is_empty(), is_fatal);
    }
}

#[tokio::test]
async fn one_wrong_byte_is_fetched_again() {
    let scene = Scene::new(27);
    let digest = STANDARD.encode(Sha256::digest(&scene.files["tokenizer.json"]));
    scene.server.shop().objects.retain(|key, _| key.ends_with("/tokenizer.json"));
    let key = format!("{FOLDER}tokenizer.json");
    let headers = vec![("x-amz-checksum-sha256", digest)];
    scene.server.shop().objects.get_mut(&key).unwrap().headers = headers;
    // Two parts: the second is wrong once, when it comes again it is the fourth request.
    scene.server.shop().trouble.corrupt_every = 2;
    let copied = scene.copy().await;
    assert!(matches!(copied, Err(CopyError::Checksum { .. })), "{copied:?}");
    scene.server.shop().trouble.corrupt_every = 3;
    scene.server.shop().reads = 2;
    scene.copy().await.unwrap();
    assert!(tree(scene.directory.path())["tokenizer.json"] == scene.files["tokenizer.json"]);
}

#[tokio::test]
async fn a_refusal_is_told_at_once() {
    let scene = Scene::new(28);
    scene.server.shop().trouble.denied = true;
    let error = scene.copy().await.unwrap_err();
    let text = error.to_string();
    assert_eq!(text, "S3 refuses `s3:ListBucket` on `s3://weights/org/model/`: AccessDenied: no");
}

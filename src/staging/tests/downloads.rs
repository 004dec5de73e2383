//! Downloads from a hub that goes wrong.

use std::sync::atomic::Ordering;

use lisa_staging::{HubError, StageError};
use lisa_testkit::hub::Trouble;

use crate::scene::{FILES, Scene};

#[tokio::test]
async fn what_engines_load_comes_and_nothing_else() {
    let scene = Scene::new();
    let staged = scene.stage().await.unwrap();
    scene.is_whole(&FILES);
    assert_eq!((staged.files, staged.converted), (5, 0));
    assert_eq!(staged.bytes, staged.stored);
    assert_eq!(scene.hub.shelves().reads, 5);
    assert!(scene.manifest().source.starts_with("org/model@00000000"), "{}", scene.manifest().source);
}

async fn survives(trouble: Trouble) -> Scene {
    let scene = Scene::new();
    scene.hub.shelves().trouble = trouble;
    scene.stage().await.unwrap();
    scene.is_whole(&FILES);
    scene
}

#[tokio::test]
async fn cut_connections_go_on_where_they_ended() {
    let scene = survives(Trouble { cut_every: 2, ..Trouble::default() }).await;
    let all: u64 = scene.manifest().files.values().map(|file| file.size).sum();
    // No byte is sent twice; what is in a socket when it is cut may not arrive, and is asked for again.
    assert!(scene.hub.shelves().sent <= all + all / 10, "{} for {all}", scene.hub.shelves().sent);
    assert_eq!(scene.told.downloaded.load(Ordering::SeqCst), all);
}

#[tokio::test]
async fn a_hub_that_cuts_every_connection_still_moves_on() {
    survives(Trouble { cut_every: 1, ..Trouble::default() }).await;
}

#[tokio::test]
async fn busy_hubs_and_hubs_without_ranges() {
    survives(Trouble { busy_every: 3, ..Trouble::default() }).await;
    survives(Trouble { cut_every: 3, ignores_ranges: true, ..Trouble::default() }).await;
    survives(Trouble { tells_nothing: true, ..Trouble::default() }).await;
}

#[tokio::test]
async fn a_wrong_byte_is_found_and_fetched_again() {
    // The fourth of five files is wrong once; what Git keeps has no checksum, and is small.
    let scene = Scene::new();
    scene.hub.shelves().files.retain(|name, _| name.contains("0000") || name == "config.json");
    scene.hub.shelves().trouble.corrupt_every = 2;
    let staged = scene.stage().await;
    // Two files of which each second read is wrong: at the second attempt one of them is right.
    match staged {
        Ok(_) => {}
        Err(error) => {
            let is_content = matches!(&error, StageError::Hub(HubError::Content { .. }));
            assert!(is_content, "{error}");
        }
    }
    scene.hub.shelves().trouble.corrupt_every = 0;
    scene.stage().await.unwrap();
    let sum = |name: &str| scene.manifest().files[name].size;
    assert_eq!(sum("model-00002-of-00002.safetensors"), 200_001);
}

#[tokio::test]
async fn bytes_that_the_listing_does_not_vouch_for_never_get_a_name() {
    let scene = Scene::new();
    scene.hub.shelves().trouble.corrupt_every = 1;
    let error = scene.stage().await.unwrap_err();
    assert!(
        matches!(&error, StageError::Hub(HubError::Content { reason, .. }) if reason.contains("SHA-256")),
        "{error}"
    );
    assert!(!scene.local("model-00001-of-00002.safetensors").exists());
    assert!(scene.bucket.keys().is_empty());
}

#[tokio::test]
async fn another_size_than_the_listing_says_is_told() {
    let scene = Scene::new();
    scene.hub.shelves().trouble.longer = 1;
    let error = scene.stage().await.unwrap_err();
    assert!(matches!(&error, StageError::Hub(HubError::Content { .. })), "{error}");
    assert!(!scene.local("config.json").exists());
}

#[tokio::test]
async fn a_hub_that_is_gone_is_told_and_the_next_run_goes_on() {
    let scene = Scene::new();
    scene.hub.shelves().trouble.busy_every = 1;
    let error = scene.stage().await.unwrap_err();
    assert!(error.to_string().ends_with("does not answer: status 503"), "{error}");
    scene.hub.shelves().trouble.busy_every = 0;
    scene.stage().await.unwrap();
    scene.is_whole(&FILES);
}

#[tokio::test]
async fn a_listing_may_fail_at_first() {
    survives(Trouble { busy_listings: 3, ..Trouble::default() }).await;
}

/// An address that a hub sends to opens the file to whoever has it.
#[tokio::test]
async fn a_signed_address_is_nobodys_to_see() {
    let scene = Scene::new();
    let url = scene.hub.url();
    let troubles = [
        (Some(url.clone()), 0),
        // Half of a body each time, from its first byte on.
        (Some(url.clone()), 1),
        // There is nobody.
        (Some("http://127.0.0.1:1".to_owned()), 0),
    ];
    for (elsewhere, cut_every) in troubles {
        let is_fine = cut_every == 0 && elsewhere.as_ref() == Some(&url);
        let _ = std::fs::remove_dir_all(scene.local(""));
        scene.hub.shelves().trouble =
            Trouble { elsewhere, cut_every, ignores_ranges: true, ..Trouble::default() };
        match scene.stage().await {
            Ok(_) => assert!(is_fine),
            Err(StageError::Hub(error @ HubError::Unanswered { .. })) => {
                assert!(error.to_string().contains("/resolve/") && !is_fine, "{error}");
                assert!(!format!("{error} {error:?}").contains("Signature"), "{error:?}");
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn tokens_and_terms() {
    let scene = Scene::new();
    scene.hub.shelves().trouble.token = Some("another".to_owned());
    let error = scene.stage().await.unwrap_err();
    assert!(matches!(&error, StageError::Hub(HubError::Refused(_))), "{error}");
    scene.hub.shelves().trouble =
        Trouble { token: Some("hf_token".to_owned()), gated: true, ..Trouble::default() };
    let error = scene.stage().await.unwrap_err();
    assert!(matches!(&error, StageError::Hub(HubError::Gated(_))), "{error}");
    assert!(!error.to_string().contains("hf_token") && error.help().contains("HF_TOKEN"));
    scene.hub.shelves().trouble.gated = false;
    scene.stage().await.unwrap();
}

#[tokio::test]
async fn only_what_changed_at_the_hub_is_fetched() {
    let scene = Scene::new();
    scene.stage().await.unwrap();
    let reads = scene.hub.shelves().reads;
    scene.hub.put("config.json", "{\"model_type\":\"mistral\"}");
    scene.stage().await.unwrap();
    scene.is_whole(&FILES);
    assert_eq!(scene.hub.shelves().reads, reads + 1);
}

#[tokio::test]
async fn paths_that_lead_elsewhere_are_refused() {
    let scene = Scene::new();
    scene.hub.put("../../outside.json", "x");
    let error = scene.stage().await.unwrap_err();
    assert!(error.to_string().contains("lies outside of its folder"), "{error}");
    assert!(scene.bucket.keys().is_empty());
}

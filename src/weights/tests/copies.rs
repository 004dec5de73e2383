//! Copies from a server that behaves.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lisa_weights::CopyError;
use sha2::{Digest as _, Sha256};

use crate::scene::{FOLDER, PART, Scene, tree};
use lisa_testkit::s3::Content;

#[tokio::test]
async fn a_folder_comes_whole_and_a_second_time_nothing_is_read() {
    let scene = Scene::new(1);
    let copied = scene.copy().await.unwrap();
    assert_eq!((copied.objects, copied.bytes), (scene.files.len(), scene.bytes()));
    scene.is_whole();
    let reads = scene.server.shop().reads;
    let again = scene.copy().await.unwrap();
    assert_eq!((again.bytes, scene.server.shop().reads), (0, reads));
    scene.is_whole();
}

#[tokio::test]
async fn only_what_changed_is_read_and_what_is_gone_goes() {
    let mut scene = Scene::new(2);
    scene.copy().await.unwrap();
    std::fs::write(scene.directory.path().join("own.txt"), "a file of somebody else").unwrap();
    scene.put("tokenizer.json", vec![7; 8191]);
    scene.put("extra/new.txt", vec![8; 10]);
    scene.files.remove("onnx/deep/model.onnx");
    scene.server.shop().objects.remove("org/model/onnx/deep/model.onnx");
    assert_eq!(scene.copy().await.unwrap().bytes, 8201);
    let mut there = tree(scene.directory.path());
    assert_eq!(there.remove("own.txt").unwrap(), b"a file of somebody else");
    assert!(there == scene.files);
}

#[tokio::test]
async fn a_file_may_take_the_name_of_a_folder_and_give_it_back() {
    let mut scene = Scene::new(11);
    for name in ["onnx/deep/model.onnx", "onnx", "onnx/deep/model.onnx"] {
        for other in ["onnx/deep/model.onnx", "onnx"] {
            scene.files.remove(other);
            scene.server.shop().objects.remove(&format!("{FOLDER}{other}"));
        }
        scene.put(name, vec![3; 5]);
        scene.copy().await.unwrap();
        scene.is_whole();
    }
}

#[tokio::test]
async fn a_damaged_file_is_brought_again() {
    let scene = Scene::new(3);
    scene.copy().await.unwrap();
    std::fs::write(scene.directory.path().join("config.json"), "short").unwrap();
    assert_eq!(scene.copy().await.unwrap().bytes, 300);
    scene.is_whole();
}

#[tokio::test]
async fn another_models_files_make_room() {
    let scene = Scene::new(4);
    scene.copy().await.unwrap();
    let other = Scene::new(5);
    let config = lisa_weights::Config { bucket: "others".to_owned(), ..scene.config() };
    lisa_weights::copy(&config, &other.bucket()).await.unwrap();
    assert!(tree(scene.directory.path()) == other.files);
}

#[tokio::test]
async fn checksums_of_the_whole_and_of_parts_are_checked() {
    let scene = Scene::new(6);
    for (name, part) in [("tokenizer.json", None), ("model-00001-of-00002.safetensors", Some(7000_usize))] {
        let bytes = &scene.files[name];
        let digest = match part {
            None => STANDARD.encode(Sha256::digest(bytes)),
            Some(part) => {
                let parts: Vec<u8> =
                    bytes.chunks(part).flat_map(|part| Sha256::digest(part).to_vec()).collect();
                format!("{}-{}", STANDARD.encode(Sha256::digest(&parts)), bytes.len().div_ceil(part))
            }
        };
        let mut shop = scene.server.shop();
        let headers = &mut shop.objects.get_mut(&format!("{FOLDER}{name}")).unwrap().headers;
        headers.push(("x-amz-checksum-sha256", digest));
        headers.extend(part.map(|part| ("test-part-size", part.to_string())));
    }
    scene.copy().await.unwrap();
    scene.is_whole();
}

#[tokio::test]
async fn a_disk_that_is_too_small_is_refused_before_anything_is_read() {
    let scene = Scene::new(7);
    scene.server.shop().put("org/model/huge.safetensors", Content::Zeros(1 << 60));
    let error = scene.copy().await.unwrap_err();
    assert!(
        matches!(error, CopyError::Space { needed, .. } if needed == (1 << 60) + scene.bytes()),
        "{error}"
    );
    assert_eq!(scene.server.shop().reads, 0);
}

#[tokio::test]
async fn nothing_to_bring_names_the_folder() {
    let scene = Scene::new(8);
    let config = lisa_weights::Config { prefix: "org/modle/".to_owned(), ..scene.config() };
    let session_bucket = {
        let mut other = Scene::new(8);
        other.server = scene.server.clone();
        other.bucket()
    };
    scene.server.shop().objects.retain(|key, _| !key.starts_with(FOLDER));
    let error = lisa_weights::copy(&config, &session_bucket).await.unwrap_err();
    assert!(error.to_string().starts_with("`s3://weights/org/modle/` holds no objects"), "{error}");
}

#[tokio::test]
async fn one_copy_is_at_work_at_a_time() {
    let scene = Scene::new(9);
    let shelf = lisa_weights::Shelf::open(scene.directory.path(), PART).unwrap();
    assert!(matches!(scene.copy().await, Err(CopyError::Busy(_))));
    drop(shelf);
    scene.copy().await.unwrap();
}

#[tokio::test]
async fn large_objects_have_many_parts() {
    let mut scene = Scene::new(10);
    scene.tuning.part = 256 * 1024;
    scene.server.shop().put("org/model/zeros.safetensors", Content::Zeros(5_000_001));
    scene.files.insert("zeros.safetensors".to_owned(), vec![0; 5_000_001]);
    scene.copy().await.unwrap();
    scene.is_whole();
    let content = Content::Bytes(Arc::new(vec![1]));
    scene.server.shop().put("org/model/zeros.safetensors", content);
    scene.files.insert("zeros.safetensors".to_owned(), vec![1]);
    scene.copy().await.unwrap();
    scene.is_whole();
}

/// What `lisa model stage` writes when all is there.
fn manifest(scene: &Scene) -> serde_json::Value {
    let file = |bytes: &Vec<u8>| serde_json::json!({ "size": bytes.len(), "sha256": "0".repeat(64) });
    let files: serde_json::Map<_, _> =
        scene.files.iter().map(|(name, bytes)| (name.clone(), file(bytes))).collect();
    serde_json::json!({ "source": "org/model@1", "files": files })
}

fn put_manifest(scene: &Scene, text: &str) {
    let content = Content::Bytes(Arc::new(text.as_bytes().to_vec()));
    scene.server.shop().put("org/model/.lisa-manifest.json", content);
}

#[tokio::test]
async fn a_manifest_vouches_for_a_whole_set_and_is_no_file_of_it() {
    let scene = Scene::new(12);
    put_manifest(&scene, &manifest(&scene).to_string());
    scene.copy().await.unwrap();
    scene.is_whole();
    // One of a later version says nothing that is understood.
    put_manifest(&scene, "{\"files\":[]}");
    scene.copy().await.unwrap();
    scene.is_whole();
}

#[tokio::test]
async fn a_set_that_is_being_uploaded_is_not_brought() {
    let mut scene = Scene::new(13);
    let mut named = manifest(&scene);
    named["files"]["model-00003-of-00003.safetensors"] = named["files"]["config.json"].clone();
    put_manifest(&scene, &named.to_string());
    let error = scene.copy().await.unwrap_err();
    assert!(
        matches!(&error, CopyError::Incomplete { file, .. } if file == "model-00003-of-00003.safetensors"),
        "{error}"
    );
    assert!(tree(scene.directory.path()).is_empty());
    put_manifest(&scene, &manifest(&scene).to_string());
    scene.put("tokenizer.json", vec![0; 10]);
    let error = scene.copy().await.unwrap_err();
    assert!(error.to_string().contains("`tokenizer.json`, which is missing or of another size"), "{error}");
    // Every file is there in its size, and may be an earlier one still.
    let mut named = manifest(&scene);
    named["complete"] = false.into();
    put_manifest(&scene, &named.to_string());
    let error = scene.copy().await.unwrap_err();
    assert!(matches!(&error, CopyError::Unfinished(uri) if uri == "s3://weights/org/model/"), "{error}");
    named["complete"] = true.into();
    put_manifest(&scene, &named.to_string());
    scene.copy().await.unwrap();
    scene.is_whole();
}

//! Images between real registries: by digest, for one platform, and nothing twice.

use lisa_deploy::assets::{Recipe, Workshop as _};
use lisa_deploy::doctor::images::{Gallery as _, Seen};
use lisa_testkit::registry::Registry;
use serde_json::json;

use super::scenery::{ARCHITECTURE, Scene, credentials, image, quiet};
use crate::mirror::Source;
use crate::oci::{DOCKER_INDEX, DOCKER_MANIFEST};
use crate::{Digest, Layout, Registries, Remote};

#[tokio::test]
async fn a_second_push_sends_nothing_and_an_interrupted_one_goes_on() {
    let (scene, registry) = (Scene::new(), Registry::start().unwrap());
    let workshop = scene.workshop("store");
    let made =
        workshop.image(&image("lisa-serve", Recipe::Service), "0123456789abcdef", &quiet).await.unwrap();
    let digest = Digest::parse(&made.digest).unwrap();
    let layout = workshop.store().layout();
    let remote = Remote::anonymous(&registry.host());
    let all: u64 = layout.manifest(&digest).unwrap().blobs().map(|blob| blob.size).sum();

    assert_eq!(remote.push(layout, &digest, "team/one", "in-1", &quiet).await.unwrap(), all);
    assert_eq!(registry.uploads().unwrap(), 2);
    assert_eq!(remote.push(layout, &digest, "team/one", "in-1", &quiet).await.unwrap(), 0);
    assert_eq!(registry.uploads().unwrap(), 2);

    // Another image with the same layer: as if the run had ended before the manifest.
    let mut manifest = layout.manifest(&digest).unwrap();
    manifest.config =
        layout.put(br#"{"architecture":"amd64","os":"linux"}"#, &manifest.config.media_type).unwrap();
    let bytes = serde_json::to_vec(&manifest).unwrap();
    let other = layout.put(&bytes, DOCKER_MANIFEST).unwrap();
    let sent = remote.push(layout, &other.digest, "team/one", "in-2", &quiet).await.unwrap();
    assert_eq!(sent, manifest.config.size);
    assert_eq!(registry.uploads().unwrap(), 3);
}

#[tokio::test]
async fn of_an_image_for_several_platforms_the_one_for_the_hosts_is_copied() {
    let (scene, from, to) = (Scene::new(), Registry::start().unwrap(), Registry::start().unwrap());
    let workshop = scene.workshop("store");
    let made =
        workshop.image(&image("lisa-serve", Recipe::Service), "0123456789abcdef", &quiet).await.unwrap();
    let digest = Digest::parse(&made.digest).unwrap();
    let layout = workshop.store().layout();
    let mut foreign = layout.manifest(&digest).unwrap();
    foreign.config =
        layout.put(br#"{"architecture":"arm64","os":"linux"}"#, &foreign.config.media_type).unwrap();
    let foreign = layout.put(&serde_json::to_vec(&foreign).unwrap(), DOCKER_MANIFEST).unwrap();
    let source = Remote::anonymous(&from.host());
    source.push(layout, &digest, "vllm/vllm", "amd64", &quiet).await.unwrap();
    source.push(layout, &foreign.digest, "vllm/vllm", "arm64", &quiet).await.unwrap();
    let entry = |architecture: &str, digest: &Digest| {
        let size = layout.bytes(digest).unwrap().len();
        json!({ "mediaType": DOCKER_MANIFEST, "digest": digest, "size": size,
            "platform": { "architecture": architecture, "os": "linux" } })
    };
    let index = json!({ "schemaVersion": 2, "mediaType": DOCKER_INDEX,
        "manifests": [entry("arm64", &foreign.digest), entry("amd64", &digest)] });
    put_manifest(&from.host(), "vllm/vllm", "v1", &index.to_string());

    let image = format!("{}/vllm/vllm:v1", from.host());
    let source = Source::new(&image, &[]).unwrap();
    let found = source.find(ARCHITECTURE).await.unwrap();
    assert_eq!(found.descriptor.digest, digest);
    let layout = Layout::open(&scene.path("mirror")).unwrap();
    let fetched = source.fetch(&found, ARCHITECTURE, &layout, &quiet).await.unwrap();
    assert_eq!(fetched.digest, digest);
    let remote = Remote::anonymous(&to.host());
    assert!(remote.push(&layout, &digest, "lisa/models", "copy", &quiet).await.unwrap() > 0);
    let copy = format!("{}/lisa/models:copy", to.host()).parse().unwrap();
    let copied = remote.find(&copy, ARCHITECTURE).await.unwrap().unwrap();
    assert_eq!(copied.descriptor.digest, digest);
}

#[tokio::test]
async fn what_a_registry_does_not_have_or_does_not_give_is_said() {
    let (open, closed) = (Registry::start().unwrap(), Registry::with_password().unwrap());
    let image = format!("{}/team/none:v1", open.host());
    let error = Source::new(&image, &[]).unwrap().find(ARCHITECTURE).await.unwrap_err();
    assert!(error.to_string().ends_with("it has none of this name"), "{error}");
    let image = format!("{}/team/none:v1", closed.host());
    let error = Source::new(&image, &[]).unwrap().find(ARCHITECTURE).await.unwrap_err();
    assert!(error.to_string().to_lowercase().contains("auth"), "{error}");
}

#[tokio::test]
async fn an_image_is_looked_for_without_being_fetched() {
    let (scene, registry) = (Scene::new(), Registry::with_password().unwrap());
    let workshop = scene.workshop("store");
    let wanted = image("lisa-serve", Recipe::Service);
    let made = workshop.image(&wanted, "0123456789abcdef", &quiet).await.unwrap();
    let digest = Digest::parse(&made.digest).unwrap();
    let layout = workshop.store().layout();
    let mut foreign = layout.manifest(&digest).unwrap();
    foreign.config =
        layout.put(br#"{"architecture":"arm64","os":"linux"}"#, &foreign.config.media_type).unwrap();
    let foreign = layout.put(&serde_json::to_vec(&foreign).unwrap(), DOCKER_MANIFEST).unwrap();
    let login = credentials(&registry);
    let remote = Remote::with_login(&login);
    remote.push(layout, &digest, "team/engine", "1", &quiet).await.unwrap();
    remote.push(layout, &foreign.digest, "team/engine", "arm", &quiet).await.unwrap();

    // As the templates name it: by the host of the account's registry, which answers on loopback here.
    let named = |tag: &str| format!("123456789012.dkr.ecr.us-east-1.amazonaws.com/team/engine:{tag}");
    for (tag, expected) in
        [("1", Seen::There), ("2", Seen::Missing), ("arm", Seen::OtherPlatform("arm64".to_owned()))]
    {
        assert_eq!(Registries.look(&named(tag), Some(&login), ARCHITECTURE).await, expected, "{tag}");
    }
    let here = format!("{}/team/engine:1", registry.host());
    let seen = Registries.look(&here, None, ARCHITECTURE).await;
    assert!(matches!(seen, Seen::Refused(_)), "{seen:?}");
    let seen = Registries.look("127.0.0.1:1/team/engine:1", None, ARCHITECTURE).await;
    assert!(matches!(seen, Seen::Unknown(_)), "{seen:?}");
}

/// Puts a manifest as it is, which no client here does for an index.
fn put_manifest(host: &str, repository: &str, tag: &str, text: &str) {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let head =
        format!("PUT /v2/{repository}/manifests/{tag} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    write!(stream, "{head}Content-Type: {DOCKER_INDEX}\r\nContent-Length: {}\r\n\r\n{text}", text.len())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

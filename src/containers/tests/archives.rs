//! Archives that the real engine saved, and those in the layout of the Open Container Initiative.

use std::path::Path;

use lisa_deploy::assets::{Architecture, Recipe, Workshop as _, place, plan};
use lisa_testkit::docker::{self, docker};

use super::scenery::{ARCHITECTURE, Account, Scene, Told, image, quiet};
use crate::{Layout, archive};

/// An image of the engine with one file in it.
fn saved(scene: &Scene, tag: &str, archive: &str) {
    docker::ensure().unwrap();
    scene.write("root/file", tag);
    let (root, tar) = (scene.path("root"), scene.path("root.tar"));
    let arguments = ["-C", root.to_str().unwrap(), "-cf", tar.to_str().unwrap(), "."];
    assert!(std::process::Command::new("tar").args(arguments).status().unwrap().success());
    docker(&["import", tar.to_str().unwrap(), tag]).unwrap();
    docker(&["save", "--output", scene.path(archive).to_str().unwrap(), tag]).unwrap();
    docker(&["rmi", tag]).unwrap();
}

/// `tar` of a directory, with gzip.
fn zipped(directory: &Path, archive: &Path) {
    let arguments = ["-C", directory.to_str().unwrap(), "-czf", archive.to_str().unwrap(), "."];
    assert!(std::process::Command::new("tar").args(arguments).status().unwrap().success());
}

#[tokio::test]
async fn what_docker_saved_is_pushed_and_loads_again() {
    let (scene, account) = (Scene::new(), Account::new());
    saved(&scene, "lisa-containers-test/saved:1", "saved.tar");
    let wanted = image("model-a", Recipe::Archive { file: scene.path("saved.tar") });
    let workshop = scene.workshop("store");
    let plan = plan(account.shelves(), &workshop, vec![wanted]).await.unwrap();
    let placed = place(account.shelves(), &workshop, &plan, &Told::default()).await.unwrap();
    let host = account.registry.host();
    docker(&["login", "--username", "AWS", "--password", "registry", &host]).unwrap();
    let reference = format!("{host}/lisa/model-a@{}", placed.assets.image_digest("model-a"));
    docker(&["pull", &reference]).unwrap();
    docker(&["rmi", &reference]).unwrap();
}

#[tokio::test]
async fn an_archive_of_the_initiative_keeps_its_digest() {
    let scene = Scene::new();
    let workshop = scene.workshop("store");
    let wanted = image("lisa-serve", Recipe::Service);
    let made = workshop.image(&wanted, "0123456789abcdef", &quiet).await.unwrap();
    zipped(&scene.path("store/images"), &scene.path("layout.tar.gz"));
    let wanted = image("model-b", Recipe::Archive { file: scene.path("layout.tar.gz") });
    let other = scene.workshop("other");
    let fingerprint = other.fingerprint(&wanted).await.unwrap();
    assert_eq!(other.image(&wanted, &fingerprint, &quiet).await.unwrap(), made);
}

#[test]
fn an_archive_for_another_processor_or_of_two_images_is_refused() {
    let scene = Scene::new();
    saved(&scene, "lisa-containers-test/two:1", "one.tar");
    let layout = Layout::open(&scene.path("layout")).unwrap();
    let load = |name: &str, architecture| {
        let path = scene.path(name);
        let file = std::fs::File::open(&path).unwrap();
        archive::load(file, &path, architecture, &layout).map_err(|error| error.to_string())
    };
    let refused = load("one.tar", Architecture::Arm64).unwrap_err();
    assert!(refused.ends_with("is for amd64, not for arm64"), "{refused}");

    std::fs::write(scene.path("text.tar"), "no archive").unwrap();
    let refused = load("text.tar", ARCHITECTURE).unwrap_err();
    assert!(refused.contains("is not an archive of an image"), "{refused}");

    docker(&["load", "--input", scene.path("one.tar").to_str().unwrap()]).unwrap();
    docker(&["tag", "lisa-containers-test/two:1", "lisa-containers-test/two:2"]).unwrap();
    let both = scene.path("both.tar");
    let save = ["save", "--output", both.to_str().unwrap(), "lisa-containers-test/two"];
    docker(&save).unwrap();
    load("both.tar", ARCHITECTURE).unwrap();
    docker(&["rmi", "lisa-containers-test/two:1", "lisa-containers-test/two:2"]).unwrap();
}

//! Lambda packages and the images of services: the same bytes in, the same bytes out, and they run.

use std::io::Read as _;
use std::sync::Arc;

use lisa_deploy::assets::{MadeImage, Recipe, Workshop as _, make, place, plan};
use lisa_deploy::event::AssetStep;
use lisa_testkit::docker::{self, Container, docker};

use super::scenery::{Account, Scene, Told, image, package, quiet};
use crate::{Digest, Store, zip};

#[test]
fn a_package_holds_the_binary_and_nothing_of_the_day() {
    let zipped = zip::package(b"program").unwrap();
    assert_eq!(zipped, zip::package(b"program").unwrap());
    let mut archive = ::zip::ZipArchive::new(std::io::Cursor::new(zipped)).unwrap();
    assert_eq!(archive.len(), 1);
    let mut entry = archive.by_name("bootstrap").unwrap();
    assert_eq!(entry.unix_mode().map(|mode| mode & 0o777), Some(0o755));
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, b"program");
}

#[tokio::test]
async fn a_package_is_sent_once_whatever_the_service_says_first() {
    let (scene, account) = (Scene::new(), Account::new());
    *account.busy.lock().unwrap() = 2;
    let mut hashes = Vec::new();
    for (store, built) in [("one", 1), ("two", 0)] {
        let workshop = scene.workshop(store);
        let plan = plan(account.shelves(), &workshop, vec![package("lisa-serve")]).await.unwrap();
        let told = Told::default();
        let placed = place(account.shelves(), &workshop, &plan, &told).await.unwrap();
        assert_eq!((placed.built, placed.changed), (built, built));
        let changed = matches!(told.ends()["lisa-serve"], AssetStep::Done { changed: true, .. });
        assert_eq!(changed, built == 1);
        hashes.push(placed.assets.package_key("lisa-serve"));
    }
    assert_eq!(hashes[0], hashes[1]);
    let bucket = account.bucket.lock().unwrap();
    assert_eq!(bucket.len(), 1);
    assert_eq!(bucket[0].key, hashes[0]);
}

#[tokio::test]
async fn a_service_image_is_the_same_everywhere_and_runs_as_nobody() {
    docker::ensure().unwrap();
    let (scene, account) = (Scene::new(), Account::new());
    let wanted = image("lisa-serve", Recipe::Service);
    let mut made: Vec<MadeImage> = Vec::new();
    for store in ["one", "two"] {
        let workshop = scene.workshop(store);
        let fingerprint = workshop.fingerprint(&wanted).await.unwrap();
        made.push(workshop.image(&wanted, &fingerprint, &quiet).await.unwrap());
    }
    assert_eq!(made[0], made[1]);

    let workshop = scene.workshop("one");
    let plan = plan(account.shelves(), &workshop, vec![wanted]).await.unwrap();
    assert_eq!(plan.missing().count(), 1);
    let placed = place(account.shelves(), &workshop, &plan, &Told::default()).await.unwrap();
    assert!(placed.sent > 100_000, "{placed:?}");
    let digest = placed.assets.image_digest("lisa-serve");
    assert_eq!(digest, made[0].digest);

    let host = account.registry.host();
    docker(&["login", "--username", "AWS", "--password", "registry", &host]).unwrap();
    let reference = format!("{host}/lisa/lisa-serve@{digest}");
    let container = Container::run(&reference).unwrap();
    let said = health(&container);
    assert!(said.ends_with(r#"{"status":"ok","user":65532}"#), "{said}");
    docker(&["logout", &host]).unwrap();
}

#[tokio::test]
async fn a_missing_repository_and_a_missing_binary_name_themselves() {
    let (scene, account) = (Scene::new(), Account::new());
    let workshop = scene.workshop("store");
    let wanted = vec![image("lisa-weights", Recipe::Service), package("lisa-rag")];
    let errors = plan(account.shelves(), &workshop, wanted).await.unwrap_err().0;
    let names: Vec<&str> = errors.iter().map(|error| error.name.as_str()).collect();
    assert_eq!(names, ["lisa-weights", "lisa-rag"]);
    assert!(
        errors.iter().all(|error| error.help.as_deref().is_some_and(|help| help.contains("LISA_SERVICES")))
    );

    std::fs::copy(scene.path("services/x86_64/lisa-serve"), scene.path("services/x86_64/nowhere")).unwrap();
    let plan = plan(account.shelves(), &workshop, vec![image("nowhere", Recipe::Service)]).await.unwrap();
    let error = place(account.shelves(), &workshop, &plan, &Told::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "nowhere: there is no repository `lisa/nowhere` to push to");
}

#[tokio::test]
async fn the_store_keeps_the_last_of_each_and_nothing_else() {
    let scene = Scene::new();
    let wanted = [image("lisa-serve", Recipe::Service), package("lisa-serve")];
    let first = make(&scene.workshop("store"), &wanted, &Told::default()).await.unwrap();
    assert!(first.iter().all(|made| made.built));
    let again = make(&scene.workshop("store"), &wanted, &Told::default()).await.unwrap();
    assert!(again.iter().all(|made| !made.built));

    scene.write("services/ca-certificates.crt", "others\n");
    let other = make(&scene.workshop("store"), &wanted, &Told::default()).await.unwrap();
    let built: Vec<bool> = other.iter().map(|made| made.built).collect();
    assert_eq!(built, [true, false], "certificates are in the image alone");

    let store = Arc::new(Store::open(&scene.path("store")).unwrap());
    store.layout().prune().unwrap();
    let gone = Digest::parse(&format!("sha256:{}", first[0].hash)).unwrap();
    let kept = Digest::parse(&format!("sha256:{}", other[0].hash)).unwrap();
    assert!(!store.layout().has(&gone));
    store.layout().manifest(&kept).unwrap();
    let blobs = std::fs::read_dir(scene.path("store/images/blobs/sha256")).unwrap().count();
    assert_eq!(blobs, 3, "manifest, configuration, layer");
}

/// The answer to `GET /health`, asked until there is one.
fn health(container: &Container) -> String {
    use std::io::Write as _;
    let address = container.address().unwrap();
    for _ in 0..200 {
        let answer = std::net::TcpStream::connect(&address).and_then(|mut stream| {
            write!(stream, "GET /health HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).map(|_| answer)
        });
        match answer {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => return answer,
            _ => std::thread::sleep(std::time::Duration::from_millis(50)),
        }
    }
    panic!("no answer from {address}:\n{}", container.log().unwrap());
}

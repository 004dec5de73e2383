//! Bundles: the same contents give the same bytes, and a byte that is not what it was is noticed.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use lisa_deploy::assets::{Made, Recipe, Wanted, make, place, plan};

use super::scenery::{Account, Scene, Told, image, package};
use crate::bundle::{self, Contents};
use crate::{Bundle, Local};

fn wanted() -> Vec<Wanted> {
    vec![image("lisa-serve", Recipe::Service), package("lisa-chat")]
}

async fn packed(workshop: &Local, path: &Path) -> Vec<Made> {
    let made = make(workshop, &wanted(), &Told::default()).await.unwrap();
    let files = BTreeMap::from([
        ("page/index.html".to_owned(), Bytes::from("<!doctype html>")),
        ("templates/serve.template.json".to_owned(), Bytes::from("{}")),
    ]);
    bundle::write(path, &Contents { store: workshop.store(), made: &made, files: &files }).unwrap();
    made
}

#[tokio::test]
async fn a_bundle_is_the_same_twice_and_deploys_without_the_binaries() {
    let (scene, account) = (Scene::new(), Account::new());
    let (one, two) = (scene.path("one.tar"), scene.path("two.tar"));
    let made = packed(&scene.workshop("one"), &one).await;
    packed(&scene.workshop("two"), &two).await;
    assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());

    std::fs::remove_dir_all(scene.path("services")).unwrap();
    let bundle = Bundle::open(&one, &scene.path("out")).unwrap();
    assert_eq!(
        std::fs::read_to_string(bundle.page().unwrap().join("index.html")).unwrap(),
        "<!doctype html>"
    );
    let first = plan(account.shelves(), &bundle, wanted()).await.unwrap();
    let placed = place(account.shelves(), &bundle, &first, &Told::default()).await.unwrap();
    assert_eq!((placed.built, placed.changed), (0, 2));
    assert_eq!(placed.assets.image_digest("lisa-serve"), format!("sha256:{}", made[0].hash));
    let second = plan(account.shelves(), &bundle, wanted()).await.unwrap();
    assert_eq!(second.missing().count(), 0);

    let error = plan(account.shelves(), &bundle, vec![package("lisa-rag")]).await.unwrap_err();
    assert_eq!(error.to_string(), "lisa-rag: the bundle holds no such package");
    drop(bundle);
    assert_eq!(std::fs::read_dir(scene.path("out")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_damaged_a_shortened_and_a_foreign_archive_are_refused() {
    let scene = Scene::new();
    let path = scene.path("bundle.tar");
    packed(&scene.workshop("store"), &path).await;
    let bytes = std::fs::read(&path).unwrap();
    let refused = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Bundle::open(&path, &scene.path("out")).unwrap_err().to_string()
    };

    let at = bytes.windows(15).rposition(|window| window == b"<!doctype html>").unwrap();
    let mut damaged = bytes.clone();
    damaged[at] = b'{';
    assert!(refused(&damaged).ends_with("`page/index.html` is damaged"));

    let mut renamed = tar::Builder::new(Vec::new());
    let mut archive = tar::Archive::new(bytes.as_slice());
    for (index, entry) in archive.entries().unwrap().enumerate() {
        let entry = entry.unwrap();
        let mut header = entry.header().clone();
        let path = entry.path().unwrap().into_owned();
        let path = if index == 1 { Path::new("unknown").to_owned() } else { path };
        renamed.append_data(&mut header, path, entry).unwrap();
    }
    assert!(refused(&renamed.into_inner().unwrap()).ends_with("`unknown` is not in its list"));

    let shorter = &bytes[..at - 512];
    let said = refused(shorter);
    assert!(said.contains("is missing") || said.contains("damaged") || said.contains("write"), "{said}");
    assert!(refused(b"no archive at all").contains("is not a bundle of lisa"));
    assert_eq!(std::fs::read_dir(scene.path("out")).unwrap().count(), 0);
}

//! Ten images that did not change: nothing is built, nothing is sent, in no time.

use std::time::{Duration, Instant};

use lisa_deploy::assets::{Wanted, place, plan};
use lisa_deploy::event::AssetStep;

use super::scenery::{Account, Scene, Told, dockerfile};

/// What the ten may take.
const LIMIT: Duration = Duration::from_secs(2);

#[tokio::test]
async fn ten_unchanged_images_need_no_build_no_byte_and_no_two_seconds() {
    lisa_testkit::docker::ensure().unwrap();
    let (scene, account) = (Scene::new(), Account::new());
    let wanted: Vec<Wanted> = (0..10)
        .map(|number| {
            let directory = format!("image-{number}");
            scene.write(&format!("{directory}/Dockerfile"), "FROM scratch\nCOPY file /file\n");
            scene.write(&format!("{directory}/file"), &directory);
            dockerfile(&format!("model-{number}"), &scene.path(&directory), &[])
        })
        .collect();
    let workshop = scene.workshop("store");
    let first = plan(account.shelves(), &workshop, wanted.clone()).await.unwrap();
    let placed = place(account.shelves(), &workshop, &first, &Told::default()).await.unwrap();
    assert_eq!((placed.built, placed.changed), (10, 10));
    let (uploads, manifests) = (account.registry.uploads().unwrap(), account.registry.manifests().unwrap());
    assert_eq!(manifests, 10);

    // Another machine: it has the same inputs and an empty store. The best of three, because others run here too.
    let elsewhere = scene.workshop("elsewhere");
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let (began, told) = (Instant::now(), Told::default());
        let second = plan(account.shelves(), &elsewhere, wanted.clone()).await.unwrap();
        let again = place(account.shelves(), &elsewhere, &second, &told).await.unwrap();
        best = best.min(began.elapsed());
        assert_eq!((again.built, again.changed, again.sent), (0, 0, 0));
        assert!(told.ends().values().all(|step| *step == AssetStep::Done { changed: false, sent: 0 }));
        for number in 0..10 {
            let name = format!("model-{number}");
            assert_eq!(again.assets.image_digest(&name), placed.assets.image_digest(&name));
        }
    }
    assert_eq!(account.registry.uploads().unwrap(), uploads);
    assert_eq!(account.registry.manifests().unwrap(), manifests);
    assert!(best < LIMIT, "{best:?}");
}

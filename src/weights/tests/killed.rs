//! Copies that are killed at random points and go on: every file is byte-identical or absent, at every moment.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::Poll;

use crate::random::Random;
use crate::scene::{Scene, tree};

/// Polls a copy so often, unless it ends before, and drops it. True when it has ended.
async fn polled(scene: &Scene, times: u64) -> bool {
    let bucket = scene.bucket();
    let config = scene.config();
    let mut copy = pin!(lisa_weights::copy(&config, &bucket));
    let mut left = times;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        copy.as_mut().poll(context).map(|copied| {
            copied.expect("nothing but the kill goes wrong");
            true
        })
    })
    .await
}

/// Every file has one of the contents that it may have; with a complete record all have the content of one set.
fn is_sound(scene: &Scene, sets: &[BTreeMap<String, Vec<u8>>]) {
    let there = tree(scene.directory.path());
    for (name, bytes) in &there {
        assert!(sets.iter().any(|set| set.get(name) == Some(bytes)), "`{name}` is neither old nor new");
    }
    if scene.state()["complete"] == true {
        assert!(sets.contains(&there), "the record says that a set is complete, and it is not");
    }
}

#[tokio::test]
async fn a_hundred_times_at_random_points() {
    let mut random = Random(2026);
    let mut scene = Scene::new(50);
    let mut before = BTreeMap::new();
    let (mut kills, mut sets) = (0, 0);
    while kills < 100 {
        let both = [before.clone(), scene.files.clone()];
        if polled(&scene, random.below(40) + 1).await {
            scene.is_whole();
            before = scene.files.clone();
            sets += 1;
            scene.fill(&mut random);
        } else {
            kills += 1;
            is_sound(&scene, &both);
        }
    }
    scene.copy().await.unwrap();
    scene.is_whole();
    assert!(sets > 2, "no copy came to its end between the kills: {sets}");
}

#[tokio::test]
async fn a_killed_copy_reads_nothing_twice_but_what_was_under_way() {
    let mut random = Random(7);
    let scene = Scene::new(51);
    while !polled(&scene, random.below(20) + 5).await {}
    scene.is_whole();
    let parts: u64 = scene.files.values().map(|bytes| (bytes.len() as u64).div_ceil(scene.tuning.part)).sum();
    let reads = scene.server.shop().reads;
    assert!(reads < parts * 3, "{reads} requests for {parts} parts");
}

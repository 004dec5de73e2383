//! The web page in its bucket: what is stored, in which order, and what is left alone.

use bytes::Bytes;
use lisa_deploy::control;
use lisa_deploy::engine::Engine;
use lisa_deploy::site::{Files, Published, publish};

use crate::cloud::Cloud;
use crate::destroy::Nobody;

fn files(files: &[(&str, &'static str)]) -> Files {
    files.iter().map(|(path, text)| ((*path).to_owned(), Bytes::from_static(text.as_bytes()))).collect()
}

async fn published(cloud: &std::sync::Arc<Cloud>, page: &Files) -> Published {
    let world = cloud.world();
    let (_teller, told) = control::channel();
    let engine = Engine::new(&world, &Nobody, told);
    publish(&world, &engine.caller(), "site", page).await.expect("published")
}

fn with_bucket() -> std::sync::Arc<Cloud> {
    let cloud = Cloud::new();
    cloud.state().objects.insert("site".to_owned(), [].into());
    cloud
}

#[test]
fn the_page_comes_last_and_a_second_time_nothing_is_stored() {
    Cloud::run(async {
        let cloud = with_bucket();
        let page = files(&[("env.js", "1"), ("index.html", "<html>"), ("z-4f2a91c0.js", "z")]);
        let first = published(&cloud, &page).await;
        assert_eq!(first.stored, ["z-4f2a91c0.js", "env.js", "index.html"]);
        let second = published(&cloud, &page).await;
        assert_eq!((second.stored.len(), second.unchanged, second.deleted.len()), (0, 3, 0));
    });
}

#[test]
fn what_changed_is_stored_and_what_is_gone_is_deleted() {
    Cloud::run(async {
        let cloud = with_bucket();
        published(&cloud, &files(&[("env.js", "1"), ("old-4f2a91c0.js", "o")])).await;
        let again = published(&cloud, &files(&[("env.js", "2"), ("new-4f2a91c1.js", "n")])).await;
        assert_eq!(again.stored, ["new-4f2a91c1.js", "env.js"]);
        assert_eq!(again.deleted, ["old-4f2a91c0.js"]);
        let state = cloud.state();
        let env = &state.objects["site"]["env.js"].object;
        assert_eq!(env.cache_control.as_deref(), Some("no-cache"));
        assert_eq!(env.content_type, "text/javascript; charset=utf-8");
    });
}

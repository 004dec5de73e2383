//! Engines elsewhere than behind Docker's own socket: over TCP, over TLS, and Podman. Each builds an image and gives it
//! out.

use std::collections::BTreeMap;

use lisa_testkit::daemon::{self, Daemon};

use super::scenery::{ARCHITECTURE, Scene, quiet};
use crate::context::Context;
use crate::docker::{Address, Build, Engine};

/// Builds an image of one file and takes it out.
async fn builds(engine: &Engine) {
    let scene = Scene::new();
    scene.write("model/Dockerfile", "FROM scratch\nCOPY file /file\n");
    scene.write("model/file", "something");
    let context = Context::read(&scene.path("model")).unwrap();
    let (arguments, tag) = (BTreeMap::new(), "lisa/model-a:0123456789ab");
    let build =
        Build { context: &context, tag, arguments: &arguments, architecture: ARCHITECTURE, logins: &[] };
    engine.build(&build, &quiet).await.unwrap();
    let workshop = scene.workshop("store");
    let layout = workshop.store().layout();
    let image = engine.save(tag, ARCHITECTURE, layout).await.unwrap();
    assert_eq!(layout.manifest(&image.digest).unwrap().layers.len(), 1);
}

#[tokio::test]
async fn docker_over_tcp_builds() {
    let docker = Daemon::docker().unwrap();
    let address = Address { host: docker.host().to_owned(), certificates: None };
    builds(&Engine::connect_to(&address).await.unwrap()).await;
}

#[tokio::test]
async fn docker_over_tls_builds_for_those_who_have_a_certificate() {
    let docker = Daemon::docker_with_certificates().unwrap();
    let host = docker.host().to_owned();
    let address = Address { host: host.clone(), certificates: Some(docker.certificates()) };
    builds(&Engine::connect_to(&address).await.unwrap()).await;

    let refused = Engine::connect_to(&Address { host: host.clone(), certificates: None }).await.unwrap_err();
    assert!(!refused.is_empty());
    let strangers = tempfile::tempdir().unwrap();
    daemon::certify(strangers.path()).unwrap();
    let certificates = Some(strangers.path().to_owned());
    let refused = Engine::connect_to(&Address { host, certificates }).await.unwrap_err();
    assert!(refused.contains("cert"), "{refused}");
}

#[tokio::test]
async fn podman_builds() {
    let podman = Daemon::podman().unwrap();
    let address = Address { host: podman.host().to_owned(), certificates: None };
    builds(&Engine::connect_to(&address).await.unwrap()).await;
}

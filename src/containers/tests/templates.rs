//! The Dockerfiles of `templates/containers`, on a base that has a shell and says how pip was called.

use std::path::Path;
use std::process::Command;

use lisa_deploy::assets::Workshop as _;
use lisa_testkit::docker::{self, docker};
use lisa_testkit::repository;

use super::scenery::{Scene, dockerfile, quiet};

const BASE: &str = "lisa-containers-test/engine:1";

/// Stands for pip and for the tool that takes certificates up.
const PYTHON: &str = "#!/bin/sh\necho \"$@\" >/pip\n";
const UPDATE: &str = "#!/bin/sh\nls /usr/local/share/ca-certificates >/certificates\n";

/// What the templates with packages call pip with, and with the arguments of [`built`].
const PIP: &str = "-m pip install --no-cache-dir --index-url https://pypi.example.com/simple \
                   --trusted-host pypi.example.com --requirement /usr/local/share/lisa/requirements.txt";

/// A base with a shell and nothing to run.
fn base(scene: &Scene) {
    docker::ensure().unwrap();
    std::fs::create_dir_all(scene.path("root/bin")).unwrap();
    let busybox = Command::new("sh").args(["-c", "command -v busybox"]).output().unwrap();
    let busybox = String::from_utf8(busybox.stdout).unwrap();
    assert!(!busybox.is_empty(), "`busybox` is missing; `cargo xtask tools` installs it");
    std::fs::copy(busybox.trim(), scene.path("root/bin/busybox")).unwrap();
    for name in ["sh", "ls", "grep", "cat", "chmod"] {
        std::os::unix::fs::symlink("busybox", scene.path("root/bin").join(name)).unwrap();
    }
    for (name, text) in [("python3", PYTHON), ("update-ca-certificates", UPDATE)] {
        scene.write(&format!("root/bin/{name}"), text);
        let path = scene.path("root/bin").join(name);
        assert!(Command::new("chmod").arg("755").arg(path).status().unwrap().success());
    }
    let (root, archive) = (scene.path("root"), scene.path("base.tar"));
    let arguments = ["-C", root.to_str().unwrap(), "-cf", archive.to_str().unwrap(), "."];
    assert!(Command::new("tar").args(arguments).status().unwrap().success());
    docker(&["import", "--change", "ENV PATH=/bin", archive.to_str().unwrap(), BASE]).unwrap();
}

/// A copy of a template.
fn copy(scene: &Scene, engine: &str) {
    let from = repository::path(Path::new("templates/containers").join(engine));
    let copied = Command::new("cp").arg("-r").arg(from).arg(scene.path(engine)).status().unwrap();
    assert!(copied.success());
}

/// Builds a copy; returns what the commands in it left behind.
async fn built(scene: &Scene, engine: &str, files: &[&str]) -> Vec<String> {
    let arguments = [
        ("BASE_IMAGE", BASE),
        ("PYPI_INDEX_URL", "https://pypi.example.com/simple"),
        ("PYPI_TRUSTED_HOST", "pypi.example.com"),
        ("SSL_CERT_FILE", "/etc/pki/bundle.pem"),
        ("CONDA_URL", "https://conda.example.com"),
    ];
    let wanted = dockerfile(&format!("template-{engine}"), &scene.path(engine), &arguments);
    let workshop = scene.workshop("store");
    let fingerprint = workshop.fingerprint(&wanted).await.unwrap();
    workshop.image(&wanted, &fingerprint, &quiet).await.unwrap();
    let tag = format!("lisa/template-{engine}:{}", &fingerprint[..12]);
    let read = |file: &&str| {
        docker(&["run", "--rm", "--entrypoint", "cat", &tag, file]).unwrap_or_else(|_| "none".to_owned())
    };
    let texts = files.iter().map(read).collect();
    docker(&["rmi", "--no-prune", &tag]).unwrap();
    texts
}

#[tokio::test]
async fn every_template_builds_with_nothing_added_and_changes_nothing() {
    let scene = Scene::new();
    base(&scene);
    for engine in ["vllm", "tgi", "tei"] {
        copy(&scene, engine);
        assert_eq!(built(&scene, engine, &["/pip", "/certificates"]).await, ["none", "none"], "{engine}");
    }
}

#[tokio::test]
async fn certificates_and_packages_of_a_site_are_added() {
    let scene = Scene::new();
    base(&scene);
    for engine in ["vllm", "tgi", "tei"] {
        copy(&scene, engine);
        scene.write(&format!("{engine}/certificates/site.crt"), "PEM");
        scene.write(&format!("{engine}/requirements.txt"), "# tokenizers\ntiktoken==0.12.0\n");
        let texts = built(&scene, engine, &["/pip", "/certificates"]).await;
        assert_eq!(texts[1], "README\nsite.crt", "{engine}");
        assert_eq!(texts[0], if engine == "tei" { "none" } else { PIP }, "{engine}");
    }
}

/// LiteLLM itself is installed by nobody here: it weighs 600 MB. Its version is the one that the tests run beside the
/// gateway.
#[tokio::test]
async fn the_gateway_with_litellm_is_that_gateway_and_the_tested_version() {
    let scene = Scene::new();
    base(&scene);
    copy(&scene, "litellm");
    scene.write("litellm/lisa-serve", "the gateway");
    let files =
        ["/pip", "/certificates", "/usr/local/bin/lisa-serve", "/usr/local/share/lisa/requirements.txt"];
    let [pip, certificates, gateway, packages] = &built(&scene, "litellm", &files).await[..] else {
        panic!("four files");
    };
    assert_eq!((pip.as_str(), certificates.as_str(), gateway.as_str()), (PIP, "none", "the gateway"));
    let tested = std::fs::read_to_string(repository::path("xtask/tools/litellm.in")).unwrap();
    let pins = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    };
    assert_eq!(pins(packages), pins(&tested));
}

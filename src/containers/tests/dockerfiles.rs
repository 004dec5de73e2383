//! Images from Dockerfiles, by the real engine, from a base that is made on the spot.

use lisa_deploy::assets::{Workshop as _, place, plan};
use lisa_deploy::event::AssetStep;
use lisa_testkit::docker::{self, docker};

use super::scenery::{Account, Scene, Told, dockerfile, quiet};

/// The base: the probe and nothing else.
const BASE: &str = "lisa-containers-test/base:1";

/// Makes the base image without any registry.
fn base(scene: &Scene) {
    docker::ensure().unwrap();
    std::fs::create_dir_all(scene.path("root")).unwrap();
    std::fs::copy(docker::probe().unwrap(), scene.path("root/probe")).unwrap();
    let (root, archive) = (scene.path("root"), scene.path("base.tar"));
    let tar = ["-C", root.to_str().unwrap(), "-cf", archive.to_str().unwrap(), "."];
    assert!(std::process::Command::new("tar").args(tar).status().unwrap().success());
    docker(&["import", archive.to_str().unwrap(), BASE]).unwrap();
}

const DOCKERFILE: &str = r#"ARG BASE_IMAGE=scratch
FROM ${BASE_IMAGE}
ARG PYPI_INDEX_URL
LABEL index=${PYPI_INDEX_URL}
COPY . /files/
RUN ["/probe", "--say"]
USER 1000
ENTRYPOINT ["/probe", "--say"]
"#;

#[tokio::test]
async fn a_dockerfile_is_built_with_its_arguments_and_without_what_is_ignored() {
    let (scene, account) = (Scene::new(), Account::new());
    base(&scene);
    scene.write("model/Dockerfile", DOCKERFILE);
    scene.write("model/.dockerignore", "weights\n*.log\n!keep.log\nDockerfile\n");
    for file in ["weights/a.bin", "drop.log", "keep.log", "app/run.py"] {
        scene.write(&format!("model/{file}"), file);
    }
    let arguments = [("BASE_IMAGE", BASE), ("PYPI_INDEX_URL", "https://pypi.example.com/simple")];
    let wanted = dockerfile("model-a", &scene.path("model"), &arguments);
    let workshop = scene.workshop("store");
    let plan = plan(account.shelves(), &workshop, vec![wanted]).await.unwrap();
    let placed = place(account.shelves(), &workshop, &plan, &Told::default()).await.unwrap();
    assert_eq!(placed.built, 1);

    let reference =
        format!("{}/lisa/model-a@{}", account.registry.host(), placed.assets.image_digest("model-a"));
    docker(&["login", "--username", "AWS", "--password", "registry", &account.registry.host()]).unwrap();
    assert_eq!(docker(&["run", "--rm", &reference]).unwrap(), r#"{"status":"ok","user":1000}"#);
    let index = docker(&["inspect", "--format", "{{.Config.Labels.index}}", &reference]).unwrap();
    assert_eq!(index, "https://pypi.example.com/simple");
    let archive = scene.path("files.tar");
    let container = docker(&["create", &reference]).unwrap();
    docker(&["export", "--output", archive.to_str().unwrap(), &container]).unwrap();
    docker(&["rm", &container]).unwrap();
    docker(&["rmi", "--force", &reference]).unwrap();
    let mut files: Vec<String> = tar::Archive::new(std::fs::File::open(archive).unwrap())
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().display().to_string())
        .filter(|path| path.starts_with("files/") && !path.ends_with('/'))
        .collect();
    files.sort();
    assert_eq!(files, ["files/.dockerignore", "files/app/run.py", "files/keep.log"]);
}

#[tokio::test]
async fn an_input_that_changes_changes_the_hash_and_one_that_is_ignored_does_not() {
    let scene = Scene::new();
    scene.write("model/Dockerfile", DOCKERFILE);
    scene.write("model/.dockerignore", "*.log\n");
    scene.write("model/a.py", "1");
    let workshop = scene.workshop("store");
    let hash = async |index: &str| {
        let arguments = [("BASE_IMAGE", BASE), ("PYPI_INDEX_URL", index)];
        workshop.fingerprint(&dockerfile("model-a", &scene.path("model"), &arguments)).await.unwrap()
    };
    let first = hash("one").await;
    scene.write("model/b.log", "2");
    assert_eq!(hash("one").await, first);
    assert_ne!(hash("two").await, first);
    scene.write("model/a.py", "3");
    assert_ne!(hash("one").await, first);
}

#[tokio::test]
async fn a_build_that_fails_shows_the_engines_error_and_its_last_lines() {
    let (scene, account) = (Scene::new(), Account::new());
    base(&scene);
    scene.write("model/Dockerfile", "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN [\"/nothing\", \"here\"]\n");
    let wanted = dockerfile("model-b", &scene.path("model"), &[("BASE_IMAGE", BASE)]);
    let workshop = scene.workshop("store");
    let plan = plan(account.shelves(), &workshop, vec![wanted]).await.unwrap();
    let told = Told::default();
    let errors = place(account.shelves(), &workshop, &plan, &told).await.unwrap_err().0;
    assert!(errors[0].message.starts_with("the container engine could not build the image: "), "{errors:?}");
    assert!(errors[0].message.contains("/nothing"), "{errors:?}");
    assert!(errors[0].log.iter().any(|line| line.starts_with("Step 3/3 : RUN")), "{errors:?}");
    assert!(matches!(told.ends()["model-b"], AssetStep::Failed(_)));
}

#[tokio::test]
async fn without_a_dockerfile_nothing_is_asked_of_the_engine() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("empty")).unwrap();
    let workshop = scene.workshop("store");
    let wanted = dockerfile("model-c", &scene.path("empty"), &[]);
    let error = workshop.image(&wanted, "0123456789abcdef", &quiet).await.unwrap_err();
    assert!(error.message.contains("Dockerfile`: No such file"), "{error}");
}

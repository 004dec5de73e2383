//! `lisa build` and `lisa bundle`: what they make, say and leave alone, without any account.

use lisa_testkit::docker;

use crate::cli::project::{MINIMAL, Project};

/// What [`MINIMAL`] needs.
const SERVICES: [&str; 4] = ["lisa-authorizer", "lisa-models", "lisa-serve", "lisa-weights"];

/// A project with the binaries of every service, each of them the probe.
fn project() -> Project {
    let project = Project::with(MINIMAL);
    let probe = std::fs::read(docker::probe().unwrap()).unwrap();
    for service in SERVICES {
        project.write(&format!("services/x86_64/{service}"), &probe);
    }
    project.write("services/ca-certificates.crt", "certificates");
    project
}

#[test]
fn what_did_not_change_is_not_built_again() {
    let project = project();
    let arguments = ["build", "--services", "services", "--output", "json"];
    let first = project.lisa(&arguments);
    assert_eq!(first.exit, Some(0), "{first}");
    let built = |text: &str| -> Vec<(String, bool)> {
        let result: serde_json::Value = serde_json::from_str(text).unwrap();
        let assets = result["assets"].as_array().unwrap().clone();
        let one = |asset: &serde_json::Value| {
            (asset["name"].as_str().unwrap().to_owned(), asset["built"].as_bool().unwrap())
        };
        assets.iter().map(one).collect()
    };
    assert_eq!(built(&first.stdout), SERVICES.map(|service| (service.to_owned(), true)));
    let second = project.lisa(&arguments);
    assert_eq!(built(&second.stdout), SERVICES.map(|service| (service.to_owned(), false)));
    let one = project.lisa(&["build", "lisa-serve", "--services", "services"]);
    assert_eq!(one.exit, Some(0), "{one}");
    assert!(one.stderr.contains("unchanged") && !one.stderr.contains("lisa-models"), "{one}");
}

#[test]
fn what_there_is_not_is_named() {
    let project = project();
    let unknown = project.lisa(&["build", "lisa-poetry", "--services", "services"]);
    assert_eq!(unknown.exit, Some(2), "{unknown}");
    assert!(unknown.stderr.contains("there is nothing called `lisa-poetry` to build"), "{unknown}");
    assert!(unknown.stderr.contains("lisa-authorizer, lisa-models, lisa-serve"), "{unknown}");

    let missing = project.lisa(&["build", "--services", "elsewhere"]);
    assert_eq!(missing.exit, Some(6), "{missing}");
    assert!(missing.stderr.contains("`elsewhere/x86_64/lisa-serve` is not there"), "{missing}");
    assert!(missing.stderr.contains("LISA_SERVICES"), "{missing}");
}

#[test]
fn two_bundles_are_the_same_and_hold_what_a_deployment_needs() {
    let project = project().env("LISA_SERVICES", "services");
    for file in ["one.tar", "two.tar"] {
        let packed = project.lisa(&["bundle", "--file", file]);
        assert_eq!(packed.exit, Some(0), "{packed}");
        assert!(packed.stderr.contains("packed 4 assets in "), "{packed}");
    }
    let [one, two] = ["one.tar", "two.tar"].map(|file| std::fs::read(project.path(file)).unwrap());
    assert!(one == two);
    let list = std::process::Command::new("tar").arg("-tf").arg(project.path("one.tar")).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(list.starts_with("bundle.json\n"), "{list}");
    for part in ["assets/packages/lisa-models/", "assets/images/index.json", "templates/serve.template.json"]
    {
        assert!(list.contains(part), "{part} is not in\n{list}");
    }
}

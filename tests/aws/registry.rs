//! Repositories and images of the emulator's registry.

use anyhow::{Context as _, Result, ensure};
use lisa_signed::{Signed, service};
use serde_json::json;

use super::{ACCOUNT, REGION, connect};

const REPOSITORY: &str = "lisa/serve";

const ECR: service::Service = service::Service {
    id: "ECR",
    host: "api.ecr",
    signed_as: "ecr",
    target: "AmazonEC2ContainerRegistry_V20150921",
    version: "1.1",
    is_global: false,
    is_fips_in_govcloud: false,
};

#[test]
fn repositories_and_images_are_found_and_deleted() -> Result<()> {
    let (emulator, connection) = connect()?;
    let registry = &connection.world.registry;
    let signed = Signed::new(&connection.session);
    emulator.block_on(async {
        ensure!(registry.repository(REPOSITORY).await?.is_none(), "there is none yet");
        ensure!(registry.image(REPOSITORY, "latest").await?.is_none(), "nor an image");
        ensure!(registry.images(REPOSITORY).await?.is_empty(), "nor any");

        signed.json(&ECR, "CreateRepository", &json!({ "repositoryName": REPOSITORY })).await?;
        let repository = registry.repository(REPOSITORY).await?.context("the repository")?;
        ensure!(repository.uri.ends_with(REPOSITORY) && repository.arn.contains(ACCOUNT), "{repository:?}");

        let manifest = json!({ "schemaVersion": 2, "config": { "size": 2 }, "layers": [] }).to_string();
        let body = json!({ "repositoryName": REPOSITORY, "imageManifest": manifest, "imageTag": "latest" });
        signed.json(&ECR, "PutImage", &body).await?;
        let image = registry.image(REPOSITORY, "latest").await?.context("the image")?;
        ensure!(image.digest.starts_with("sha256:") && image.tags == ["latest"], "{image:?}");
        ensure!(registry.image(REPOSITORY, &image.digest).await?.is_some(), "by digest, too");
        ensure!(registry.images(REPOSITORY).await?.len() == 1, "one image");

        registry.delete_images(REPOSITORY, std::slice::from_ref(&image.digest)).await?;
        ensure!(registry.image(REPOSITORY, &image.digest).await?.is_none(), "deleted");
        registry.delete_images(REPOSITORY, &[image.digest]).await?;
        Ok(())
    })
}

#[test]
fn a_login_names_the_registry_of_the_account_asked_for() -> Result<()> {
    let (emulator, connection) = connect()?;
    let registry = &connection.world.registry;
    emulator.block_on(async {
        let own = registry.login(None).await?;
        ensure!(own.user == "AWS" && !own.password.is_empty() && own.host.starts_with(ACCOUNT), "{own:?}");
        ensure!(!format!("{own:?}").contains(&own.password), "a password is not printed");
        let other = registry.login(Some("444455556666")).await?;
        ensure!(other.host == own.host.replacen(ACCOUNT, "444455556666", 1), "{other:?}");
        ensure!(own.host.contains(REGION), "{own:?}");
        Ok(())
    })
}

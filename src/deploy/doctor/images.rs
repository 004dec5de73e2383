//! Images that hosts pull from a registry and nobody builds here: whether they are there, and for the hosts' processor.

use async_trait::async_trait;
use futures_util::future::join_all;
use lisa_config::Config;
use lisa_config::section::image::Image;

use super::Finding;
use crate::assets::Architecture;
use crate::assets::recipe::HOSTS;
use crate::ports::World;
use crate::ports::registry::Login;

const CHECK: &str = "images";

/// Where images are looked for without fetching them: a port, whose real side speaks the registries' own protocol.
#[async_trait]
pub trait Gallery: Send + Sync {
    /// Looks for an image. The login is for its registry, where the account has one.
    async fn look(&self, reference: &str, login: Option<&Login>, architecture: Architecture) -> Seen;
}

/// What was seen of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is there, for that architecture.
    There,
    /// The registry has none of this name.
    Missing,
    /// It is there for these architectures alone.
    OtherPlatform(String),
    /// The registry does not show it to this caller.
    Refused(String),
    /// Nobody answered: hosts may reach the registry all the same.
    Unknown(String),
}

/// An image that the configuration names.
struct Named {
    /// The key that names it, and where that stands.
    place: String,
    reference: String,
    /// The account and the region whose registry it is in, where that is one of ECR.
    owner: Option<(String, String)>,
}

/// Looks for every image of the configuration that is in a registry already.
pub(super) async fn check(world: &World, gallery: &dyn Gallery, config: &Config) -> Vec<Finding> {
    let images = named(config);
    if images.is_empty() {
        return Vec::new();
    }
    let region = config.region.to_string();
    let looked = join_all(images.iter().map(|image| look(world, gallery, image, &region))).await;
    let mut findings: Vec<Finding> =
        images.iter().zip(&looked).filter_map(|(image, seen)| finding(image, seen)).collect();
    let there = looked.iter().filter(|seen| **seen == Seen::There).count();
    if there > 0 {
        let says = format!(
            "{there} of {} named in the configuration are there, for linux/{}",
            images.len(),
            HOSTS.of_images()
        );
        findings.insert(0, Finding::good(CHECK, says));
    }
    findings
}

async fn look(world: &World, gallery: &dyn Gallery, image: &Named, here: &str) -> Seen {
    let Some((account, region)) = &image.owner else {
        return gallery.look(&image.reference, None, HOSTS).await;
    };
    if region != here {
        return Seen::Unknown(format!("it is in {region}, and this session in {here}"));
    }
    match world.registry.login(Some(account)).await {
        Ok(login) => gallery.look(&image.reference, Some(&login), HOSTS).await,
        Err(error) => Seen::Unknown(error.to_string()),
    }
}

fn finding(image: &Named, seen: &Seen) -> Option<Finding> {
    let Named { place, reference, owner } = image;
    let wanted = HOSTS.of_images();
    Some(match seen {
        Seen::There => return None,
        Seen::Missing => {
            let help = "Push it there, or correct the name in the configuration.";
            Finding::bad(CHECK, format!("`{reference}` is not there ({place})"), help)
        }
        Seen::OtherPlatform(found) => {
            let says = format!("`{reference}` is for {found}, and hosts run linux/{wanted} ({place})");
            Finding::bad(CHECK, says, "Name an image of that platform.")
        }
        Seen::Refused(said) if owner.is_some() => {
            let says = format!("`{reference}` is not for these credentials: {said} ({place})");
            let help = "Make sure that hosts may pull it: the repository's policy has to allow this account.";
            Finding::doubtful(CHECK, says, help)
        }
        Seen::Refused(said) => {
            let says = format!("`{reference}` cannot be pulled without credentials: {said} ({place})");
            let help = "Correct the name; or, where the registry asks for credentials, copy the image with \
                        `lisa image mirror` and name the copy.";
            Finding::bad(CHECK, says, help)
        }
        Seen::Unknown(said) => {
            let says = format!("`{reference}` was not looked for: {said} ({place})");
            Finding::doubtful(CHECK, says, "Make sure that hosts can pull it.")
        }
    })
}

/// The images of the configuration that are in a registry already.
fn named(config: &Config) -> Vec<Named> {
    let gateway = config.rest_api_config.container_config.image.as_ref().filter(|_| config.deploy_serve);
    let gateway = gateway.map(|image| ("restApiConfig".to_owned(), image));
    let models = config.ecs_models.iter().enumerate().filter_map(|(index, model)| {
        let hosting = model.hosting.as_ref()?;
        Some((format!("ecsModels[{index}]"), &hosting.image))
    });
    let named = gateway.into_iter().chain(models).filter_map(|(owner, image)| {
        let place = place(config, &owner);
        let (reference, owner) = reference(config, image)?;
        Some(Named { place, reference, owner })
    });
    named.collect()
}

fn reference(config: &Config, image: &Image) -> Option<(String, Option<(String, String)>)> {
    match image {
        Image::Registry { registry } => Some((registry.as_str().to_owned(), None)),
        Image::Ecr { repository_arn, tag } => {
            let parts: Vec<&str> = repository_arn.as_str().splitn(6, ':').collect();
            let [_, _, _, region, account, resource] = parts[..] else { return None };
            let (name, suffix) = (resource.trim_start_matches("repository/"), config.partition.dns_suffix());
            let host = format!("{account}.dkr.ecr.{region}.{suffix}");
            Some((format!("{host}/{name}:{}", tag.as_str()), Some((account.to_owned(), region.to_owned()))))
        }
        Image::Asset { .. } | Image::Tarball { .. } | Image::External { .. } => None,
    }
}

/// The key under which an owner's image stands, of those that may hold one, and where: `` `key` at file:line:column ``.
fn place(config: &Config, owner: &str) -> String {
    const KEYS: [&str; 4] =
        ["imageConfig", "containerConfig.image", "containerConfig.baseImage", "baseImage"];
    let keys = KEYS.map(|key| format!("{owner}.{key}"));
    // A key that is not there has its parent's place, which is before those of its children.
    let found = keys.into_iter().filter_map(|key| {
        let place = config.locate(&key)?;
        Some((place.line, place.column, key, place.file))
    });
    let last = found.max_by_key(|(line, column, ..)| (*line, *column));
    last.map_or_else(
        || format!("`{owner}`"),
        |(line, column, key, file)| format!("`{key}` at {file}:{line}:{column}"),
    )
}

//! Puts in place what is missing: builds it where the workshop does not have it, and sends it.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::stream::{self, StreamExt as _};
use lisa_stacks::{Asset, Assets};

use super::error::{AssetError, AssetErrors, all};
use super::patience::patiently;
use super::plan::{AssetPlan, Planned};
use super::{AT_A_TIME, Destination, Shelves, Tell, Workshop, hash_of, input_tag, package_key};
use crate::event::{AssetStep, Event, Observer};
use crate::ports::objects::NewObject;
use crate::ports::registry::Login;

/// Where every asset is in the end.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// What templates name them by.
    pub assets: Assets,
    /// How many were built.
    pub built: usize,
    /// How many were sent.
    pub changed: usize,
    /// Bytes that were sent.
    pub sent: u64,
}

/// Puts every asset of a plan in place.
pub async fn place<'a>(
    shelves: impl Into<Shelves<'a>>,
    workshop: &dyn Workshop,
    plan: &AssetPlan,
    observer: &dyn Observer,
) -> Result<Placed, AssetErrors> {
    let shelves = shelves.into();
    let login = login(shelves, plan).await.map_err(|error| AssetErrors(vec![error]))?;
    let site = Site { shelves, workshop, login: login.as_ref() };
    let placed = plan.items.iter().map(|item| told(&site, item, observer));
    let placed = all(stream::iter(placed).buffered(AT_A_TIME).collect().await)?;
    Ok(placed.into_iter().fold(Placed::default(), |mut all, one| {
        all.assets = all.assets.with(&one.name, &one.hash);
        all.built += usize::from(one.built);
        all.changed += usize::from(one.changed);
        all.sent += one.sent;
        all
    }))
}

/// What every asset's work needs.
struct Site<'a> {
    shelves: Shelves<'a>,
    workshop: &'a dyn Workshop,
    login: Option<&'a Login>,
}

/// Where one asset is in the end.
struct One {
    name: String,
    hash: String,
    built: bool,
    changed: bool,
    sent: u64,
}

/// Asked for once, and only where an image has to be pushed.
async fn login(shelves: Shelves<'_>, plan: &AssetPlan) -> Result<Option<Login>, AssetError> {
    let Some(first) = plan.missing().find(|item| matches!(item.wanted.asset, Asset::Image { .. })) else {
        return Ok(None);
    };
    let login = patiently(shelves.clock, || shelves.registry.login(None)).await;
    login.map(Some).map_err(|error| AssetError::call(first.wanted.name(), &error))
}

async fn told(site: &Site<'_>, item: &Planned, observer: &dyn Observer) -> Result<One, AssetError> {
    let tell = |step| observer.on(Event::Asset { name: item.wanted.name().to_owned(), step });
    let placed = one(site, item, &tell).await;
    tell(match &placed {
        Ok(placed) => AssetStep::Done { changed: placed.changed, sent: placed.sent },
        Err(error) => AssetStep::Failed(error.message.clone()),
    });
    placed
}

async fn one(site: &Site<'_>, item: &Planned, tell: Tell<'_>) -> Result<One, AssetError> {
    let name = item.wanted.name().to_owned();
    if let Some(hash) = item.in_place.clone() {
        return Ok(One { name, hash, built: false, changed: false, sent: 0 });
    }
    match &item.wanted.asset {
        Asset::Package { bucket, .. } => {
            let (built, sent) = upload(site, item, bucket, tell).await?;
            Ok(One { name, hash: item.fingerprint.clone(), built, changed: true, sent })
        }
        Asset::Image { repository, .. } => {
            let (digest, built, sent) = push(site, item, repository, tell).await?;
            Ok(One { name, hash: hash_of(&digest), built, changed: true, sent })
        }
    }
}

async fn upload(
    site: &Site<'_>,
    item: &Planned,
    bucket: &str,
    tell: Tell<'_>,
) -> Result<(bool, u64), AssetError> {
    let name = item.wanted.name();
    let package = site.workshop.package(&item.wanted, &item.fingerprint).await?;
    let object = NewObject {
        bucket: bucket.to_owned(),
        key: package_key(name, &item.fingerprint),
        body: package.body,
        content_type: "application/zip".to_owned(),
        content_encoding: None,
        cache_control: None,
        metadata: [("service".to_owned(), name.to_owned())].into(),
    };
    let (sent, total) = (AtomicU64::new(0), package.size);
    let progress = |bytes| {
        // A part that is sent again does not make more of the whole.
        let sent = (sent.fetch_add(bytes, Ordering::Relaxed) + bytes).min(total);
        tell(AssetStep::Sending { sent, total });
    };
    let put = patiently(site.shelves.clock, || site.shelves.objects.put(&object, &progress)).await;
    put.map_err(|error| AssetError::call(name, &error))?;
    Ok((package.built, total))
}

async fn push(
    site: &Site<'_>,
    item: &Planned,
    repository: &str,
    tell: Tell<'_>,
) -> Result<(String, bool, u64), AssetError> {
    let name = item.wanted.name();
    let found = patiently(site.shelves.clock, || site.shelves.registry.repository(repository)).await;
    if found.map_err(|error| AssetError::call(name, &error))?.is_none() {
        let message = format!("there is no repository `{repository}` to push to");
        return Err(AssetError::new(name, message, Some("Make it with `lisa bootstrap`.")));
    }
    let Some(login) = site.login else {
        return Err(AssetError::new(name, "nobody asked for the registry's credentials", None));
    };
    let image = site.workshop.image(&item.wanted, &item.fingerprint, tell).await?;
    let tag = input_tag(&item.fingerprint);
    let destination = Destination { login, repository, tag: &tag };
    let sent = site.workshop.push(&item.wanted, &image, &destination, tell).await?;
    Ok((image.digest, image.built, sent))
}

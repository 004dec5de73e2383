//! Which assets are in place already: asked, and nothing done.

use futures_util::stream::{self, StreamExt as _};
use lisa_stacks::{Asset, Assets};

use super::error::{AssetError, AssetErrors, all};
use super::patience::{absent_is_none, patiently};
use super::recipe::Wanted;
use super::{AT_A_TIME, Shelves, Workshop, hash_of, input_tag, package_key};

/// The assets of a deployment, and which of them are in place.
#[derive(Clone, Debug, Default)]
pub struct AssetPlan {
    /// In the order of their names.
    pub items: Vec<Planned>,
}

/// One asset.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What it is.
    pub wanted: Wanted,
    /// The hash of what goes into it.
    pub fingerprint: String,
    /// The hash that templates name it by, where it is in place.
    pub in_place: Option<String>,
}

impl AssetPlan {
    /// What templates can name today. The hash of an image that has yet to be built is not known.
    pub fn known(&self) -> Assets {
        self.items.iter().fold(Assets::not_built(), |assets, item| {
            match (&item.wanted.asset, &item.in_place) {
                (Asset::Package { name, .. }, _) => assets.with(name, &item.fingerprint),
                (Asset::Image { name, .. }, Some(hash)) => assets.with(name, hash),
                (Asset::Image { .. }, None) => assets,
            }
        })
    }

    /// The assets that are not in place.
    pub fn missing(&self) -> impl Iterator<Item = &Planned> {
        self.items.iter().filter(|item| item.in_place.is_none())
    }
}

/// Asks for each asset whether it is in place.
pub async fn plan<'a>(
    shelves: impl Into<Shelves<'a>>,
    workshop: &dyn Workshop,
    wanted: Vec<Wanted>,
) -> Result<AssetPlan, AssetErrors> {
    let shelves = shelves.into();
    let planned = wanted.into_iter().map(|wanted| one(shelves, workshop, wanted));
    let results = stream::iter(planned).buffered(AT_A_TIME).collect().await;
    Ok(AssetPlan { items: all(results)? })
}

async fn one(shelves: Shelves<'_>, workshop: &dyn Workshop, wanted: Wanted) -> Result<Planned, AssetError> {
    let fingerprint = workshop.fingerprint(&wanted).await?;
    let found = match &wanted.asset {
        Asset::Package { name, bucket, .. } => {
            let key = package_key(name, &fingerprint);
            let object = patiently(shelves.clock, || shelves.objects.head(bucket, &key)).await;
            absent_is_none(object).map(|object| object.map(|_| fingerprint.clone()))
        }
        Asset::Image { repository, .. } => {
            let tag = input_tag(&fingerprint);
            let image = patiently(shelves.clock, || shelves.registry.image(repository, &tag)).await;
            absent_is_none(image).map(|image| image.map(|image| hash_of(&image.digest)))
        }
    };
    let in_place = found.map_err(|error| AssetError::call(wanted.name(), &error))?;
    Ok(Planned { wanted, fingerprint, in_place })
}

//! Makes assets without an account: everything is built and kept in the workshop.

use futures_util::stream::{self, StreamExt as _};
use lisa_stacks::{Asset, Assets};
use serde::Serialize;

use super::error::{AssetError, AssetErrors, all};
use super::recipe::Wanted;
use super::{AT_A_TIME, Workshop, hash_of};
use crate::event::{AssetStep, Event, Observer};
use crate::ports::objects::Body;

/// An asset that the workshop has.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    /// Such as `lisa-serve`.
    pub name: String,
    /// `package` or `image`.
    pub kind: &'static str,
    /// The hash of what went into it.
    pub fingerprint: String,
    /// The hash that templates name it by.
    pub hash: String,
    /// Whether it was made just now.
    pub built: bool,
    /// What a package holds.
    #[serde(skip)]
    pub package: Option<Body>,
}

/// What templates name these assets by.
pub fn names(made: &[Made]) -> Assets {
    made.iter().fold(Assets::not_built(), |assets, made| assets.with(&made.name, &made.hash))
}

/// Makes what the workshop does not have yet.
pub async fn make(
    workshop: &dyn Workshop,
    wanted: &[Wanted],
    observer: &dyn Observer,
) -> Result<Vec<Made>, AssetErrors> {
    let made = wanted.iter().map(|wanted| told(workshop, wanted, observer));
    all(stream::iter(made).buffered(AT_A_TIME).collect().await)
}

async fn told(workshop: &dyn Workshop, wanted: &Wanted, observer: &dyn Observer) -> Result<Made, AssetError> {
    let tell = |step| observer.on(Event::Asset { name: wanted.name().to_owned(), step });
    let made = one(workshop, wanted, &tell).await;
    tell(match &made {
        Ok(made) => AssetStep::Done { changed: made.built, sent: 0 },
        Err(error) => AssetStep::Failed(error.message.clone()),
    });
    made
}

async fn one(workshop: &dyn Workshop, wanted: &Wanted, tell: super::Tell<'_>) -> Result<Made, AssetError> {
    let fingerprint = workshop.fingerprint(wanted).await?;
    let name = wanted.name().to_owned();
    Ok(match wanted.asset {
        Asset::Package { .. } => {
            let made = workshop.package(wanted, &fingerprint).await?;
            let (hash, package) = (fingerprint.clone(), Some(made.body));
            Made { name, kind: "package", fingerprint, hash, built: made.built, package }
        }
        Asset::Image { .. } => {
            let made = workshop.image(wanted, &fingerprint, tell).await?;
            let hash = hash_of(&made.digest);
            Made { name, kind: "image", fingerprint, hash, built: made.built, package: None }
        }
    })
}

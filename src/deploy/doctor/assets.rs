//! The asset bucket and its stack: there, missing or somebody else's.

use lisa_config::Config;
use lisa_stacks::Naming;

use super::Finding;
use crate::ports::{CallErrorKind, World};

const CHECK: &str = "asset bucket";

/// Asks for the bucket.
pub(super) async fn check(world: &World, config: &Config) -> Vec<Finding> {
    let bucket = Naming::new(config).asset_bucket();
    let given = config.asset_bucket.is_some();
    let finding = match world.objects.bucket_exists(&bucket).await {
        Ok(true) => Finding::good(CHECK, format!("`{bucket}` is there")),
        Ok(false) if given => {
            let says = format!("there is no bucket `{bucket}`, which `assetBucket` names");
            Finding::bad(CHECK, says, "Make it, or remove `assetBucket` to have one made.")
        }
        Ok(false) => Finding::good(CHECK, format!("`{bucket}` will be made")),
        Err(error) if error.kind == CallErrorKind::Denied => {
            let says = format!("`{bucket}` is not for these credentials: {}", error.message);
            let help =
                "Allow `s3:ListBucket` on it, or set `assetBucket` or `bootstrapQualifier` to use another.";
            Finding::bad(CHECK, says, help)
        }
        Err(error) => Finding::unanswered(CHECK, &error),
    };
    vec![finding]
}

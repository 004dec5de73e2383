//! Images of other registries that travel with a bundle: hosts then pull them from the account's own registry, pinned
//! by digest, like the images that are built.

use lisa_config::Config;
use lisa_config::section::image::Image;

/// What the path of an archive begins with that is to be fetched from a registry. No file's path does: a colon ends it.
const REGISTRY: &str = "registry:";

/// Makes every image that hosts would pull from a registry outside the account one that is carried along.
pub fn carry_images(config: &mut Config) {
    let gateway = config.rest_api_config.container_config.image.iter_mut();
    let models = config.ecs_models.iter_mut().filter_map(|model| Some(&mut model.hosting.as_mut()?.image));
    for image in gateway.chain(models) {
        if let Image::Registry { registry } = image {
            *image = Image::Tarball { path: format!("{REGISTRY}{}", registry.as_str()) };
        }
    }
}

/// The reference of a carried image.
pub(super) fn carried(path: &str) -> Option<&str> {
    path.strip_prefix(REGISTRY)
}

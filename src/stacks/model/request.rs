//! A model of the configuration as the management API is asked for it: one door less to keep apart.

use lisa_api::FieldError;
use lisa_api::models::CreateModelRequest;
use lisa_config::section::image::Image;
use lisa_config::section::model::HostedModel;
use serde_json::{Value, json};

/// The request that makes a model of the configuration. `built` is where hosts pull its image from if it had to be built
/// or loaded first; the management API does neither.
///
/// # Errors
///
/// What the management API would refuse: an image that was not built, a name that it does not take.
pub fn request(model: &HostedModel, built: Option<&str>) -> Result<CreateModelRequest, Vec<FieldError>> {
    let unwritable = |error: serde_json::Error| vec![FieldError::new("", error.to_string())];
    let mut written = serde_json::to_value(model).map_err(unwritable)?;
    written["containerConfig"]["image"] = image(&model.image, built)?;
    // The configuration takes 0 for the engine's own default; the API has no word for that but the least it takes.
    let shared = model.container_config.shared_memory_size.max(LEAST_SHARED_MEMORY_MIB);
    written["containerConfig"]["sharedMemorySize"] = json!(shared);
    written["containerConfig"]["healthCheckConfig"]["startPeriod"] =
        json!(model.container_config.health_check_config.start_period.max(1));
    // A number of requests is whole there, and may be written `30.0` in the configuration.
    let target = &mut written["autoScalingConfig"]["metricConfig"]["targetValue"];
    if let Ok(whole) = model.auto_scaling_config.metric_config.target_value.to_string().parse::<u64>() {
        *target = json!(whole);
    }
    CreateModelRequest::parse(&written)
}

/// What Docker gives a container's `/dev/shm` where nothing is said, in MiB.
const LEAST_SHARED_MEMORY_MIB: u32 = 64;

fn image(image: &Image, built: Option<&str>) -> Result<Value, Vec<FieldError>> {
    match (image, built) {
        (Image::Asset { .. } | Image::Tarball { .. }, Some(reference)) => {
            Ok(json!({ "type": "registry", "registry": reference }))
        }
        (Image::Asset { .. } | Image::Tarball { .. }, None) => {
            let message = "has to be built first, which `lisa deploy` does";
            Err(vec![FieldError::new("containerConfig.image", message)])
        }
        (Image::External { code }, _) => Ok(json!({ "type": "registry", "registry": code.as_str() })),
        (image, _) => Ok(json!(image)),
    }
}

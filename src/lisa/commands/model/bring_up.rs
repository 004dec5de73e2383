//! The models of a configuration: each that is to be deployed comes into service by the same workflow as any other.

use lisa_api::models::{LisaModel, ModelStatus};
use lisa_config::Config;
use lisa_signed::Session;
use serde_json::json;

use super::door::Door;
use super::wait::Wait;
use crate::failure::Failure;
use crate::printer::Printer;

/// Creates every model of `ecsModels` with `deploy: true` that is not there yet, and waits until all are in service.
///
/// `built` tells where hosts pull an image from that was built or loaded for a model, by the short name of its stack. A
/// stack of a model that is there already is taken over. Models that are there are left as they are.
///
/// # Errors
///
/// The first model that is refused, or whose workflow fails, with its cause.
pub(in crate::commands) async fn bring_up(
    config: &Config,
    session: &Session,
    built: impl Fn(&str) -> Option<String>,
    printer: &Printer,
) -> Result<Vec<LisaModel>, Failure> {
    let door = Door::of(config, session);
    let mut ids = Vec::new();
    for model in config.hosted_models() {
        let id = model.model_id.to_string();
        match door.find(&id).await? {
            Some(found) if found.status == ModelStatus::Failed => {
                let reason = found.failure_reason.unwrap_or_default();
                let help = format!("Mend the cause, then `lisa model delete {id}` and deploy again.");
                return Err(Failure::action(format!("`{id}` failed before: {reason}"), help));
            }
            Some(_) => {}
            None => {
                let stack = format!("model-{}", model.model_id.identifier().to_lowercase());
                let request = lisa_stacks::model::request(model, built(&stack).as_deref());
                let request = request.map_err(|errors| {
                    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
                    Failure::action(
                        format!("`{id}` cannot be made: {}", told.join("; ")),
                        "Correct its entry.",
                    )
                })?;
                door.create(&json!(request)).await?;
            }
        }
        ids.push(id);
    }
    let mut models = Vec::new();
    for id in ids {
        models.extend(Wait::always().settled(&door, &id, printer).await?);
    }
    Ok(models)
}

//! Models go before what they stand on, and by the workflow that takes their rows along: a row without a stack would be
//! offered to callers for as long as the table is there.

use lisa_api::models::LisaModel;
use lisa_deploy::destroy::Removal;
use lisa_stacks::Naming;

use super::super::model::{Door, gone};
use crate::failure::Failure;
use crate::world::Session;

/// Deletes the models whose stacks are to go. Where model management does not do it, their stacks go with the others.
pub(super) async fn take_away(session: &Session<'_>, removal: &Removal) {
    let config = &session.input.config;
    let naming = Naming::new(config);
    let goes = |model: &&LisaModel| {
        let stack = naming.model_stack(&model.request.model_id);
        removal.stacks.iter().any(|doomed| doomed.deployed_name == stack)
    };
    if !removal.stacks.iter().any(|doomed| doomed.name.starts_with("model-")) {
        return;
    }
    let door = Door::of(config, &session.connection.session);
    let taken: Result<(), Failure> = async {
        let models = door.list().await?.models;
        let going: Vec<&LisaModel> = models.iter().filter(goes).collect();
        for model in &going {
            door.delete(&model.request.model_id).await?;
        }
        for model in &going {
            gone(&door, &model.request.model_id, session.printer).await?;
        }
        Ok(())
    }
    .await;
    if let Err(failure) = taken {
        session.note(format!("model management does not delete its models: {}", failure.message()));
    }
}

//! Models go before what they stand on, and by the workflow that takes their rows along: a row without a stack would be
//! offered to callers for as long as the table is there. Models elsewhere have no stack and may have a key in a secret, which
//! no stack would take along either.

use std::collections::BTreeSet;

use lisa_api::models::{LisaModel, secret_name};
use lisa_deploy::destroy::Removal;
use lisa_stacks::parts::MODEL_TABLE;
use lisa_stacks::{Naming, StackName};

use super::super::model::{Door, gone};
use crate::failure::Failure;
use crate::world::Session;

/// Models that go with a deployment's stacks, by their ids.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Models {
    /// Those whose stacks go.
    hosted: Vec<String>,
    /// Those elsewhere that may have a key, where model management goes.
    elsewhere: Vec<String>,
}

impl Models {
    /// Looks for them. Where model management does not tell, stacks of models go with the others.
    pub(super) async fn find(session: &Session<'_>, removal: &Removal) -> Self {
        let names: BTreeSet<&str> = removal.stacks.iter().map(|stack| stack.name.as_str()).collect();
        let goes = names.contains(StackName::Models.short());
        if !goes && !names.iter().any(|name| name.starts_with("model-")) {
            return Self::default();
        }
        let naming = Naming::new(&session.input.config);
        match door(session).list().await {
            Ok(listed) => {
                let models = Self::of(&listed.models, removal, &naming);
                if !models.elsewhere.is_empty() {
                    session.note(format!(
                        "models elsewhere go with their keys: {}",
                        models.elsewhere.join(", ")
                    ));
                }
                models
            }
            Err(failure) => {
                let kept = secret_name(&naming.table(MODEL_TABLE), "*");
                let kept = if goes {
                    format!("; keys of models elsewhere stay in secrets `{kept}`")
                } else {
                    String::new()
                };
                session
                    .note(format!("model management does not tell its models: {}{kept}", failure.message()));
                Self::default()
            }
        }
    }

    fn of(listed: &[LisaModel], removal: &Removal, naming: &Naming) -> Self {
        let goes = |stack: &str| removal.stacks.iter().any(|doomed| doomed.deployed_name == stack);
        let all_go = removal.stacks.iter().any(|doomed| doomed.name == StackName::Models.short());
        let mut models = Self::default();
        for LisaModel { request, .. } in listed {
            let id = request.model_id.clone();
            match request.is_hosted() {
                true if goes(&naming.model_stack(&id)) => models.hosted.push(id),
                false if all_go && request.model_url.is_some() => models.elsewhere.push(id),
                _ => {}
            }
        }
        models
    }

    /// Deletes them. Hosted ones that model management does not delete go with their stacks; of the others it is said where
    /// their keys are.
    pub(super) async fn take_away(&self, session: &Session<'_>) {
        let (door, naming) = (door(session), Naming::new(&session.input.config));
        for id in &self.elsewhere {
            if let Err(failure) = delete(session, &door, std::slice::from_ref(id)).await {
                let (place, why) = (secret_name(&naming.table(MODEL_TABLE), id), failure.message());
                session.note(format!(
                    "model management does not delete `{id}`: {why}; if it had a key, that stays in the secret `{place}`"
                ));
            }
        }
        if let Err(failure) = delete(session, &door, &self.hosted).await {
            session.note(format!("model management does not delete its models: {}", failure.message()));
        }
    }
}

fn door(session: &Session<'_>) -> Door {
    Door::of(&session.input.config, &session.connection.session)
}

/// Deletes models side by side, and waits until they are gone.
async fn delete(session: &Session<'_>, door: &Door, ids: &[String]) -> Result<(), Failure> {
    for id in ids {
        door.delete(id).await?;
    }
    for id in ids {
        gone(door, id, session.printer).await?;
    }
    Ok(())
}

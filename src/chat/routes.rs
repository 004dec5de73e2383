//! The routes that the chat back end serves. Which there are, and who may call them at all, is in
//! [`lisa_api::routes`]; whether a caller may have the object is asked of [`crate::authorize`].

mod configuration;
mod images;
mod messages;
mod opened;
mod preferences;
mod projects;
mod sessions;
mod templates;
mod tokens;
mod transfer;

use axum::Router;
use axum::routing::{get, post, put};

use crate::State;

/// The routes over a state.
pub fn routes(state: State) -> Router {
    Router::new()
        .route("/session", get(sessions::list).delete(sessions::delete_all))
        .route("/session/search", get(messages::search))
        .route("/session/import", post(transfer::import))
        .route("/session/{sessionId}", get(sessions::get).put(sessions::put).delete(sessions::delete))
        .route("/session/{sessionId}/messages", get(messages::list).post(messages::append))
        .route("/session/{sessionId}/export", get(transfer::export))
        .route("/session/{sessionId}/name", put(sessions::rename))
        .route("/session/{sessionId}/pin", put(sessions::pin))
        .route("/session/{sessionId}/project", put(sessions::assign))
        .route("/session/{sessionId}/attachImage", put(images::attach))
        .route("/project", get(projects::list).post(projects::make))
        .route("/project/{projectId}", put(projects::rename).delete(projects::delete))
        .route("/prompt-templates", get(templates::list).post(templates::make))
        .route(
            "/prompt-templates/{promptTemplateId}",
            get(templates::get).put(templates::change).delete(templates::delete),
        )
        .route("/user-preferences", get(preferences::get).put(preferences::put))
        .route("/configuration", get(configuration::list))
        .route("/configuration/{configScope}", put(configuration::put))
        .route("/api-tokens", get(tokens::list).post(tokens::make_own))
        .route("/api-tokens/{id}", get(tokens::get).post(tokens::make_for).delete(tokens::delete))
        .with_state(state)
}

//! Routes of the chat back end: sessions, projects, prompt templates, preferences, configuration and API tokens.

use super::Caller::{Admin, User};
use super::{Body, Route, Service};

const CHAT: Service = Service::Chat;

/// A path can have one name only for a variable part, so a token's owner and its id share `{id}`.
pub(super) const ROUTES: &[Route] = &[
    Route::get("/session", CHAT, User),
    Route::delete("/session", CHAT, User),
    Route::get("/session/search", CHAT, User).asking(&["query"]),
    Route::post("/session/import", CHAT, User).carrying(Body::Any),
    Route::get("/session/{sessionId}", CHAT, User),
    Route::put("/session/{sessionId}", CHAT, User),
    Route::delete("/session/{sessionId}", CHAT, User),
    Route::get("/session/{sessionId}/messages", CHAT, User),
    Route::post("/session/{sessionId}/messages", CHAT, User),
    Route::get("/session/{sessionId}/export", CHAT, User),
    Route::put("/session/{sessionId}/name", CHAT, User),
    Route::put("/session/{sessionId}/pin", CHAT, User),
    Route::put("/session/{sessionId}/project", CHAT, User),
    Route::put("/session/{sessionId}/attachImage", CHAT, User),
    Route::get("/project", CHAT, User),
    Route::post("/project", CHAT, User),
    Route::put("/project/{projectId}", CHAT, User),
    Route::delete("/project/{projectId}", CHAT, User),
    Route::get("/prompt-templates", CHAT, User),
    Route::post("/prompt-templates", CHAT, User),
    Route::get("/prompt-templates/{promptTemplateId}", CHAT, User),
    Route::put("/prompt-templates/{promptTemplateId}", CHAT, User),
    Route::delete("/prompt-templates/{promptTemplateId}", CHAT, User),
    Route::get("/user-preferences", CHAT, User),
    Route::put("/user-preferences", CHAT, User),
    Route::get("/configuration", CHAT, User).asking(&["configScope"]),
    Route::put("/configuration/{configScope}", CHAT, Admin),
    Route::get("/api-tokens", CHAT, User),
    Route::post("/api-tokens", CHAT, User),
    Route::get("/api-tokens/{id}", CHAT, User),
    Route::post("/api-tokens/{id}", CHAT, Admin),
    Route::delete("/api-tokens/{id}", CHAT, User),
];

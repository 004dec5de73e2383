//! Routes of the model-management API.

use super::Caller::{Admin, Anyone, User};
use super::{Body, Route, Service};

const MODELS: Service = Service::Models;

/// Starting and stopping is a call without a body of its own in 3.0, and part of `PUT /models/{modelId}` since.
pub(super) const ROUTES: &[Route] = &[
    Route::get("/models", MODELS, User),
    Route::post("/models", MODELS, Admin),
    Route::get("/models/metadata/instances", MODELS, Admin),
    Route::get("/models/{modelId}", MODELS, User),
    Route::put("/models/{modelId}", MODELS, Admin),
    Route::delete("/models/{modelId}", MODELS, Admin),
    Route::put("/models/{modelId}/start", MODELS, Admin).carrying(Body::Any),
    Route::put("/models/{modelId}/stop", MODELS, Admin).carrying(Body::Any),
    Route::get("/docs", MODELS, Anyone),
    Route::get("/openapi.json", MODELS, Anyone),
];

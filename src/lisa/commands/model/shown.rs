//! How models are shown.

use std::fmt;

use lisa_api::models::LisaModel;
use serde::Serialize;

/// Models in a table.
#[derive(Serialize)]
pub(super) struct Models {
    models: Vec<LisaModel>,
}

/// One model, whole.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct One(pub(super) LisaModel);

impl Models {
    pub(super) fn new(models: Vec<LisaModel>) -> Self {
        Self { models }
    }
}

impl fmt::Display for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.models.is_empty() {
            return writeln!(f, "there are no models");
        }
        let width = self.models.iter().map(|model| model.request.model_id.chars().count()).max().unwrap_or(0);
        for LisaModel { request, status, failure_reason } in &self.models {
            let id = &request.model_id;
            let host = request.instance_type.as_deref().unwrap_or("elsewhere");
            writeln!(
                f,
                "{id:width$}  {status:10}  {:9}  {host:14}  {}",
                request.model_type, request.model_name
            )?;
            if let Some(reason) = failure_reason {
                writeln!(f, "{:width$}  {}", "", reason.lines().next().unwrap_or_default())?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LisaModel { request, status, failure_reason } = &self.0;
        let hosts = request.auto_scaling_config.as_ref();
        let hosts = hosts.map(|scaling| format!("{} to {}", scaling.min_capacity, scaling.max_capacity));
        let groups = (!request.allowed_groups.is_empty()).then(|| request.allowed_groups.join(", "));
        let image = request.container_config.as_ref().and_then(|it| it.image.reference()).map(str::to_owned);
        let lines = [
            ("id", Some(request.model_id.clone())),
            ("name", Some(request.model_name.clone())),
            ("status", Some(status.to_string())),
            ("reason", failure_reason.clone()),
            ("type", Some(request.model_type.to_string())),
            ("streaming", Some(if request.streaming { "yes" } else { "no" }.to_owned())),
            ("url", request.model_url.clone()),
            ("engine", request.inference_container.map(|engine| engine.to_string())),
            ("image", image),
            ("instance", request.instance_type.clone()),
            ("hosts", hosts),
            ("groups", groups),
        ];
        for (name, value) in lines.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            writeln!(f, "{name:10} {}", value.replace('\n', "\n           "))?;
        }
        Ok(())
    }
}

//! From what users write to what it means: the validated file becomes a `Config`.

use crate::config::Config;
use crate::locate::Places;
use crate::rules::models::engine_of;
use crate::section::auth::AuthConfig;
use crate::section::environment::EnvironmentFile;
use crate::section::image::ImageFile;
use crate::section::litellm::ModelType;
use crate::section::model::{EcsModel, EcsModelFile, HostedModel, InferenceContainer};
use crate::section::rag::RagRepositoryFile;
use crate::section::tag::Tag;
use crate::words::model_id_of;
use lisa_names::ParameterName;
use serde_json::Value;

/// The configuration of a file that has passed every rule; `Err` names what the rules should have caught.
pub(crate) fn config(given: Value, env: Option<String>, places: Places) -> Result<Config, String> {
    let engines: Vec<Option<InferenceContainer>> =
        given["ecsModels"].as_array().into_iter().flatten().map(engine).collect();
    let file: EnvironmentFile = serde_json::from_value(given).map_err(|error| error.to_string())?;
    let prefix = deployment_prefix(&file)?;
    let tags = file.tags.clone().unwrap_or_else(|| derived_tags(&file, &prefix));
    let models = file.ecs_models.into_iter().zip(engines);
    Ok(Config {
        env,
        partition: file.region.partition(),
        domain: file.region.partition().dns_suffix().to_owned(),
        deployment_prefix: prefix,
        profile: Some(file.profile).filter(|profile| !profile.is_empty()),
        certificate_authority_bundle: Some(file.certificate_authority_bundle).filter(|path| !path.is_empty()),
        tags,
        auth_config: file.auth_config.map(AuthConfig::resolve),
        rest_api_config: file.rest_api_config.resolve(),
        cors_allowed_origins: origins(&file.cors_allowed_origins),
        rag_repositories: all(
            file.rag_repositories.into_iter().map(RagRepositoryFile::resolve),
            "ragRepositories",
        )?,
        rag_file_processing_config: file.rag_file_processing_config.unwrap_or_default(),
        ecs_models: all(models.map(|(model, engine)| ecs_model(model, engine)), "ecsModels")?,
        litellm_config: file.litellm_config.resolve(),
        account_number: file.account_number,
        region: file.region,
        deployment_name: file.deployment_name,
        deployment_stage: file.deployment_stage,
        app_name: file.app_name,
        removal_policy: file.removal_policy,
        s3_bucket_models: file.s3_bucket_models,
        security_profile: file.security_profile,
        log_level: file.log_level,
        alarm_email: file.alarm_email,
        vpc_id: file.vpc_id,
        subnets: file.subnets,
        max_azs: file.max_azs,
        security_group_config: file.security_group_config,
        private_endpoints: file.private_endpoints,
        roles: file.roles,
        permissions_boundary_aspect: file.permissions_boundary_aspect,
        bootstrap_qualifier: file.bootstrap_qualifier,
        bootstrap_role_prefix: file.bootstrap_role_prefix,
        asset_bucket: file.asset_bucket,
        image_repository_prefix: file.image_repository_prefix,
        policy_waivers: file.policy_waivers,
        deploy_serve: file.deploy_serve,
        deploy_chat: file.deploy_chat,
        deploy_ui: file.deploy_ui,
        deploy_rag: file.deploy_rag,
        api_gateway_config: file.api_gateway_config,
        account_numbers_ecr: file.account_numbers_ecr,
        pypi_config: file.pypi_config,
        conda_url: file.conda_url,
        nvme_host_mount_path: file.nvme_host_mount_path,
        nvme_container_mount_path: file.nvme_container_mount_path,
        web_app_assets_path: file.web_app_assets_path,
        system_banner: file.system_banner,
        places,
    })
}

fn all<T>(items: impl Iterator<Item = Option<T>>, list: &str) -> Result<Vec<T>, String> {
    items.collect::<Option<Vec<T>>>().ok_or_else(|| format!("an item of `{list}` is incomplete"))
}

fn deployment_prefix(file: &EnvironmentFile) -> Result<ParameterName, String> {
    if let Some(prefix) = &file.deployment_prefix {
        return Ok(prefix.clone());
    }
    let derived = format!("/{}/{}/{}", file.deployment_stage, file.deployment_name, file.app_name);
    ParameterName::new(&derived).map_err(|error| error.to_string())
}

/// The tags that upstream derives: enough to find everything of a deployment.
fn derived_tags(file: &EnvironmentFile, prefix: &ParameterName) -> Vec<Tag> {
    let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
    vec![
        tag("deploymentPrefix", prefix.as_str()),
        tag("deploymentName", file.deployment_name.as_str()),
        tag("deploymentStage", file.deployment_stage.as_str()),
        tag("region", file.region.as_str()),
        tag("version", env!("CARGO_PKG_VERSION")),
    ]
}

fn origins(list: &str) -> Vec<String> {
    list.split(',').map(|origin| origin.trim().trim_end_matches('/').to_owned()).collect()
}

/// The engine that an entry's image is named for.
fn engine(model: &Value) -> Option<InferenceContainer> {
    let container = &model["containerConfig"];
    let images = [container.get("image"), container.get("baseImage"), model.get("baseImage")];
    images.into_iter().flatten().find_map(engine_of)
}

fn ecs_model(file: EcsModelFile, engine: Option<InferenceContainer>) -> Option<EcsModel> {
    let model_id = file.model_id.clone().or_else(|| model_id_of(&file.model_name))?;
    let model_name = file.model_name.clone();
    let engine = file.inference_container.or(engine);
    // The full form is deployed unless it says otherwise; the three-field form is not.
    let deploy = file.deploy.unwrap_or(file.instance_type.is_some());
    let hosting = if deploy { Some(hosted(file, model_id.clone(), engine?)?) } else { None };
    Some(EcsModel { model_id, model_name, inference_container: engine, hosting })
}

fn hosted(
    file: EcsModelFile,
    model_id: lisa_names::ModelId,
    engine: InferenceContainer,
) -> Option<HostedModel> {
    let container = file.container_config.unwrap_or_default().resolve();
    let image = container.image.clone().or_else(|| file.base_image.map(ImageFile::resolve))?;
    let model_type = file.model_type?;
    Some(HostedModel {
        model_id,
        model_name: file.model_name,
        model_type,
        streaming: model_type == ModelType::Textgen && file.streaming == Some(true),
        instance_type: file.instance_type?,
        inference_container: engine,
        image,
        container_config: container,
        auto_scaling_config: file.auto_scaling_config,
        load_balancer_config: file.load_balancer_config,
    })
}

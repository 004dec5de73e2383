//! Keys of upstream that have no effect here: which they are, and what has taken their place.

use serde_json::{Map, Value, json};

/// A key without effect: the definition it stands in, its name, and what stands in its place.
type Retired = (&'static str, &'static str, &'static str);

const KEYS: &[Retired] = &[
    ("Environment", "env", "a flat file has one environment"),
    ("Environment", "runCdkNag", "`lisa check` always runs the policy rules"),
    ("Environment", "stackSynthesizer", "templates are made without CDK and need no synthesizer"),
    ("Environment", "lambdaConfig", "functions are compiled programs; `logLevel` sets what all services log"),
    ("Environment", "lambdaSourcePath", "functions are compiled programs and are packed by `lisa deploy`"),
    ("Environment", "lambdaLayerAssets", "functions are compiled programs and have no layers"),
    ("Environment", "mountS3DebUrl", "model weights are fetched by LISA's own init container"),
    ("Environment", "deployMetrics", "metrics come with each stack"),
    ("Environment", "deployHealthDashboard", "the dashboard comes with the serve stack"),
    ("Environment", "deployMcp", "MCP servers are not hosted by this version"),
    ("Environment", "deployMcpWorkbench", "the MCP workbench is not part of this version"),
    ("Environment", "deployDocs", "the documentation is part of the repository"),
    ("Environment", "mcpWorkbenchConfig", "the MCP workbench is not part of this version"),
    ("Environment", "mcpWorkbenchBuildConfig", "the MCP workbench is not part of this version"),
    ("Environment", "mcpWorkbenchEcsConfig", "the MCP workbench is not part of this version"),
    ("Environment", "mcpWorkbenchRestApiConfig", "the MCP workbench is not part of this version"),
    ("Environment", "mcpWorkbenchCorsOrigins", "the MCP workbench is not part of this version"),
    (
        "Environment",
        "batchIngestionConfig",
        "documents are ingested by LISA's own function, which needs no image",
    ),
    ("Environment", "imageBuilderVolumeSize", "no image is built on an EC2 instance"),
    ("Environment", "baseImage", "LISA's own images are built from nothing but its programs"),
    ("Environment", "nodejsImage", "no function runs on Node.js"),
    ("Environment", "ecsModelDeployerPath", "models are deployed by LISA's own function"),
    ("Environment", "mcpServerDeployerPath", "MCP servers are not hosted by this version"),
    ("Environment", "vectorStoreDeployerPath", "vector stores are part of the RAG stack"),
    ("Environment", "documentsPath", "the documentation is part of the repository"),
    ("Environment", "lambdaPath", "functions are compiled programs and are packed by `lisa deploy`"),
    ("Environment", "useCustomBranding", "a web page of your own goes into `webAppAssetsPath`"),
    ("Environment", "customDisplayName", "a web page of your own goes into `webAppAssetsPath`"),
    ("Environment", "tagContainers", "images are named by the hash of their content"),
    (
        "Environment",
        "auditLoggingConfig",
        "access logs of the REST API are on in the `standard` and `hardened` security profiles",
    ),
    (
        "Environment",
        "convertInlinePoliciesToManaged",
        "`lisa check` tells which policies an organisation's rules would refuse",
    ),
    ("Environment", "iamRdsAuth", "databases are reached with a rotated secret"),
    ("Environment", "awsRegionArn", "the partition follows from `region`"),
    ("RestApiConfig", "rdsConfig", "LISA's own gateway needs no database"),
    ("RestApiConfig", "buildConfig", "the gateway's image is built from nothing but its program"),
    ("ContainerConfig", "privileged", "no container is privileged"),
    ("EcsModel", "localModelCode", "engines run their own code"),
    ("EcsModel", "modelHosting", "models are hosted on ECS"),
];

/// Adds the retired keys to the definitions they stand in, each with what has taken its place.
pub(crate) fn describe(definitions: &mut Map<String, Value>) {
    for (definition, key, instead) in KEYS {
        let properties = definitions.get_mut(*definition).and_then(|schema| schema.get_mut("properties"));
        if let Some(Value::Object(properties)) = properties {
            let description = format!("Has no effect: {instead}.");
            let schema = json!({ "deprecated": true, "description": description, "x-retired": instead });
            properties.insert((*key).to_owned(), schema);
        }
    }
}

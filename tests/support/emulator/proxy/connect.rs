//! What of a template leads to AWS's own hosts, led to the proxy: the calls of functions, the registry of images, the
//! files of the page.

use std::net::SocketAddr;

use serde_json::{Map, Value, json};

/// What stands between the account and the region in the name of a registry.
const REGISTRY: &str = ".dkr.ecr.";

/// Leads the functions and tasks of a template to a proxy.
pub(super) fn to(proxy: SocketAddr, template: &mut Value) {
    let resources = template.get_mut("Resources").and_then(Value::as_object_mut).into_iter().flatten();
    for (_, resource) in resources {
        let kind = resource["Type"].as_str().unwrap_or_default().to_owned();
        let Some(properties) = resource.get_mut("Properties").and_then(Value::as_object_mut) else {
            continue;
        };
        match kind.as_str() {
            "AWS::Lambda::Function" => functions_call(proxy, properties),
            "AWS::ECS::TaskDefinition" => images_come_from(proxy, properties),
            "AWS::ApiGateway::RestApi" => files_come_from(proxy, properties),
            _ => {}
        }
    }
}

/// Functions find AWS at the proxy, and the load balancers that only the emulator knows by their names.
fn functions_call(proxy: SocketAddr, properties: &mut Map<String, Value>) {
    let url = format!("http://{proxy}");
    let environment = properties.entry("Environment").or_insert_with(|| json!({}));
    for (name, value) in [("AWS_ENDPOINT_URL", url.as_str()), ("HTTP_PROXY", &url), ("NO_PROXY", "127.0.0.1")]
    {
        environment["Variables"][name] = value.into();
    }
}

/// The container engine pulls an image of the account's registry from the emulator's.
fn images_come_from(proxy: SocketAddr, properties: &mut Map<String, Value>) {
    let containers = properties.get_mut("ContainerDefinitions").and_then(Value::as_array_mut);
    for image in containers.into_iter().flatten().filter_map(|container| container.get_mut("Image")) {
        let text = image.as_str().or_else(|| image["Fn::Sub"].as_str()).unwrap_or_default();
        let Some((_, path)) = text.split_once('/').filter(|(host, _)| host.contains(REGISTRY)) else {
            continue;
        };
        *image = format!("{proxy}/{path}").into();
    }
}

/// The API's integrations with S3, which the emulator does not have, are such with S3's own interface.
fn files_come_from(proxy: SocketAddr, properties: &mut Map<String, Value>) {
    let paths = properties.get_mut("Body").and_then(|body| body["paths"].as_object_mut());
    let operations = paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut);
    for operation in operations.flat_map(Map::values_mut) {
        let integration = &mut operation["x-amazon-apigateway-integration"];
        let uri = integration["uri"]["Fn::Sub"].as_str().unwrap_or_default();
        let Some((_, object)) = uri.split_once(":s3:path/") else { continue };
        integration["uri"] = format!("http://{proxy}/{object}").into();
        integration["type"] = "http".into();
        integration.as_object_mut().and_then(|integration| integration.remove("credentials"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::to;

    #[test]
    fn functions_and_images_lead_to_the_proxy_and_nothing_else_does() {
        let registry = "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/lisa/serve@sha256:ab";
        let mut template = json!({ "Resources": {
            "Function": { "Type": "AWS::Lambda::Function", "Properties": { "Environment": { "Variables": { "A": "1" } } } },
            "Task": { "Type": "AWS::ECS::TaskDefinition", "Properties": { "ContainerDefinitions": [
                { "Image": { "Fn::Sub": registry } }, { "Image": "ghcr.io/engine:1" },
            ] } },
            "Api": { "Type": "AWS::ApiGateway::RestApi", "Properties": { "Body": { "paths": {
                "/": { "get": { "x-amazon-apigateway-integration": {
                    "type": "aws", "uri": { "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:s3:path/site/index.html" },
                } } },
            } } } },
            "Queue": { "Type": "AWS::SQS::Queue" },
        } });
        to(([127, 0, 0, 1], 4000).into(), &mut template);
        let resources = &template["Resources"];
        let variables = &resources["Function"]["Properties"]["Environment"]["Variables"];
        assert_eq!(
            (&variables["A"], &variables["AWS_ENDPOINT_URL"]),
            (&json!("1"), &json!("http://127.0.0.1:4000"))
        );
        let containers = &resources["Task"]["Properties"]["ContainerDefinitions"];
        assert_eq!(containers[0]["Image"], "127.0.0.1:4000/lisa/serve@sha256:ab");
        assert_eq!(containers[1]["Image"], "ghcr.io/engine:1");
        let page =
            &resources["Api"]["Properties"]["Body"]["paths"]["/"]["get"]["x-amazon-apigateway-integration"];
        assert_eq!(*page, json!({ "type": "http", "uri": "http://127.0.0.1:4000/site/index.html" }));
        assert_eq!(resources["Queue"], json!({ "Type": "AWS::SQS::Queue" }));
    }
}

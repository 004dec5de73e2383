//! The gateway.

use serde_json::{Value as Json, json};

use super::{app, config, of_type, statements, template, valid_named};
use crate::gateway_secret;

fn serve(more: &str) -> Json {
    template(&config(more), "serve")
}

fn container(template: &Json) -> &Json {
    &template["Resources"]["Task"]["Properties"]["ContainerDefinitions"][0]
}

fn variable<'a>(container: &'a Json, name: &str) -> Option<&'a Json> {
    let environment = container["Environment"].as_array()?.iter();
    environment.filter(|one| one["Name"] == name).map(|one| &one["Value"]).next()
}

fn attribute<'a>(template: &'a Json, key: &str) -> &'a Json {
    let attributes = &template["Resources"]["LoadBalancer"]["Properties"]["LoadBalancerAttributes"];
    let found = attributes.as_array().expect("attributes").iter().find(|one| one["Key"] == key);
    &found.unwrap_or_else(|| panic!("no {key}"))["Value"]
}

#[test]
fn callers_are_asked_who_they_are_inside_and_outside() {
    for facing in ["true", "false"] {
        let template = serve(&format!("restApiConfig: {{internetFacing: {facing}}}"));
        assert_eq!(variable(container(&template), "USE_AUTH"), Some(&json!("true")));
        assert_eq!(
            variable(container(&template), "TOKEN_TABLE_NAME"),
            Some(&json!("demo-LISAApiTokenTable"))
        );
        assert_eq!(template["Resources"]["TokenTable"]["Properties"]["TableName"], "demo-LISAApiTokenTable");
    }
    let open = serve("restApiConfig: {internetFacing: false, authenticationEnabled: false}");
    assert_eq!(variable(container(&open), "USE_AUTH"), Some(&json!("false")));
    assert!(open["Resources"]["TokenTable"].is_object(), "tokens stay when the switch is turned");
}

#[test]
fn the_gateway_adds_up_usage_in_a_table_of_its_own() {
    let template = serve("");
    let name = &template["Resources"]["UsageTable"]["Properties"]["TableName"];
    assert_eq!(variable(container(&template), "USAGE_TABLE_NAME"), Some(name));
    let role = template["Resources"]["TaskRole"]["Properties"]["Policies"].to_string();
    let arn = format!("table/{}", name.as_str().unwrap());
    assert!(role.contains(&arn) && role.contains("dynamodb:UpdateItem"), "{role}");
    assert!(role.contains("bedrock:CountTokens"), "{role}");
}

#[test]
fn tokens_are_found_by_the_documented_key_and_end_by_themselves() {
    let template = serve("");
    let table = &template["Resources"]["TokenTable"]["Properties"];
    assert_eq!(table["KeySchema"], json!([{ "AttributeName": "token", "KeyType": "HASH" }]));
    assert_eq!(
        table["TimeToLiveSpecification"],
        json!({ "AttributeName": "tokenExpiration", "Enabled": true })
    );
}

#[test]
fn the_removal_policy_decides_on_data_and_on_deletion_protection() {
    for (policy, kept, protected) in [("destroy", "Delete", "false"), ("retain", "Retain", "true")] {
        let template = serve(&format!("removalPolicy: {policy}"));
        for id in ["ManagementKey", "TokenTable"] {
            assert_eq!(template["Resources"][id]["DeletionPolicy"], kept, "{id}");
        }
        assert_eq!(attribute(&template, "deletion_protection.enabled"), protected);
    }
}

#[test]
fn the_container_can_do_nothing_that_it_need_not() {
    let template = serve("");
    let container = container(&template);
    assert_eq!(container["ReadonlyRootFilesystem"], true);
    assert_eq!(container["Privileged"], false);
    assert_eq!(container["User"], "65532:65532");
    assert_eq!(container["LinuxParameters"]["Capabilities"], json!({ "Drop": ["ALL"] }));
    assert_eq!(container.get("Secrets"), None);
    let roles =
        ["TaskRoleArn", "ExecutionRoleArn"].map(|key| &template["Resources"]["Task"]["Properties"][key]);
    assert_ne!(roles[0], roles[1]);
}

#[test]
fn hosts_keep_their_metadata_to_themselves() {
    let template = serve("");
    let data = &template["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"];
    assert_eq!(
        data["MetadataOptions"],
        json!({
            "HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 1,
        })
    );
    assert_eq!(data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"], true);
    assert_eq!((data.get("KeyName"), data.get("NetworkInterfaces")), (None, None));
    assert!(
        data["UserData"]["Fn::Base64"]["Fn::Sub"].as_str().unwrap().contains("ECS_AWSVPC_BLOCK_IMDS=true")
    );
    let image = template["Parameters"]["HostImage"]["Default"].as_str();
    assert_eq!(image, Some("/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"));
}

#[test]
fn a_certificate_makes_https_and_one_of_iam_explains_itself_to_the_linter() {
    let arn =
        |kind: &str| format!("restApiConfig: {{loadBalancerConfig: {{sslCertIamArn: 'arn:aws:{kind}'}}}}");
    let iam = serve(&arn("iam::123456789012:server-certificate/lisa"));
    let listener = &iam["Resources"]["Listener"];
    assert_eq!(
        (&listener["Properties"]["Port"], &listener["Properties"]["Protocol"]),
        (&json!(443), &json!("HTTPS"))
    );
    assert_eq!(listener["Properties"]["SslPolicy"], "ELBSecurityPolicy-TLS13-1-2-Res-2021-06");
    assert_eq!(listener["Metadata"]["cfn-lint"], json!({ "config": { "ignore_checks": ["E1159"] } }));
    let acm = serve(&arn("acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"));
    assert_eq!(acm["Resources"]["Listener"].get("Metadata"), None);
    let plain = serve("");
    assert_eq!(plain["Resources"]["Listener"]["Properties"]["Port"], 80);
}

#[test]
fn govcloud_speaks_tls_by_fips_modules() {
    let config = valid_named("govcloud.yaml");
    let mut listener = template(&config, "serve")["Resources"]["Listener"]["Properties"].take();
    if config.rest_api_config.load_balancer_config.ssl_cert_iam_arn.is_some() {
        assert_eq!(listener["SslPolicy"].take(), "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04");
    } else {
        assert_eq!(listener["Port"].take(), 80);
    }
}

#[test]
fn the_url_has_the_configured_domain() {
    let url = |more: &str| serve(more)["Outputs"]["RESTUrl"]["Value"].clone();
    assert_eq!(
        url("restApiConfig: {loadBalancerConfig: {domainName: lisa.example.com}}"),
        "http://lisa.example.com"
    );
    assert_eq!(
        url(""),
        json!({ "Fn::Join": ["", ["http://", { "Fn::GetAtt": ["LoadBalancer", "DNSName"] }]] })
    );
    let template = serve("");
    let parameter = &template["Resources"]["ServeUrlParameter"]["Properties"];
    assert_eq!(parameter["Name"], "/prod/demo/lisa/lisaServeRestApiUri");
}

#[test]
fn scaling_counts_requests_by_the_minute_and_is_left_out_where_nothing_can_scale() {
    let scaling = "autoScalingConfig: {minCapacity: 1, maxCapacity: 3, cooldown: 60, metricConfig: \
        {albMetricName: RequestCountPerTarget, targetValue: 15, duration: 30, estimatedInstanceWarmup: 90}}";
    let template = serve(&format!("restApiConfig: {{{scaling}}}"));
    let policy =
        &template["Resources"]["ScalingPolicy"]["Properties"]["TargetTrackingScalingPolicyConfiguration"];
    assert_eq!(policy["TargetValue"], 30.0);
    assert_eq!(policy["CustomizedMetricSpecification"]["Statistic"], "Sum");
    let provider = &template["Resources"]["CapacityProvider"]["Properties"]["AutoScalingGroupProvider"];
    assert_eq!(provider["ManagedScaling"]["InstanceWarmupPeriod"], 90);
    let fixed = serve("restApiConfig: {autoScalingConfig: {minCapacity: 2, maxCapacity: 2}}");
    assert!(of_type(&fixed, "AWS::ApplicationAutoScaling::ScalingPolicy").is_empty());
    assert!(of_type(&fixed, "AWS::ApplicationAutoScaling::ScalableTarget").is_empty());
}

#[test]
fn keys_of_models_elsewhere_stand_in_no_template() {
    let config = config(
        "litellmConfig: {model_list: [{model_name: far, litellm_params: {model: openai/far, api_key: sk-of-mine}, \
         lisa_params: {model_type: textgen, streaming: true}}]}",
    );
    for stack in &app(&config).stacks {
        assert!(!stack.template.to_json().to_string().contains("sk-of-mine"), "{}", stack.name);
    }
    let secret = gateway_secret(&config).expect("the secret");
    assert_eq!(secret.value, json!({ "/model_list/0/litellm_params/api_key": "sk-of-mine" }));
    let template = template(&config, "serve");
    assert_eq!(template["Resources"]["LitellmSecret"]["Properties"]["Name"], secret.name.as_str());
    assert_eq!(variable(container(&template), "LITELLM_KEY_NAME"), Some(&json!(secret.name)));
}

#[test]
fn secrets_are_read_by_the_gateway_and_encrypted_under_their_own_key_by_model_management() {
    let template = template(&config("securityProfile: hardened"), "serve");
    let on = |action: &str| {
        let of = statements(&template, "TaskRole").into_iter();
        let of = of.filter(|statement| statement["Action"].to_string().contains(action));
        of.map(|statement| statement["Resource"].to_string()).collect::<String>()
    };
    assert!(on("kms:Decrypt").contains("SecretKeyArn") && on("kms:Decrypt").contains("DataKeyArn"));
    assert!(!on("kms:GenerateDataKey").contains("SecretKeyArn"), "{}", on("kms:GenerateDataKey"));
    let models = super::template(&config("securityProfile: hardened"), "models");
    let environment = &models["Resources"]["ModelsFunction"]["Properties"]["Environment"]["Variables"];
    assert_eq!(environment["SECRET_KEY_ARN"], json!({ "Ref": "SecretKeyArn" }));
}

#[test]
fn bedrock_is_not_granted_where_it_is_known_not_to_be() {
    let grants = |config| {
        let template = template(&config, "serve");
        let all = statements(&template, "TaskRole").into_iter();
        all.filter_map(|one| one["Action"].as_array()).flatten().any(|action| action == "bedrock:InvokeModel")
    };
    assert!(grants(config("")));
    let china = valid_named("china.yaml");
    assert!(!grants(china));
}

#[test]
fn existing_roles_take_the_place_of_new_ones() {
    let roles = "roles: {ECSRestApiRole: my-task, ECSRestApiExRole: my-execution}";
    let template = serve(roles);
    let task = &template["Resources"]["Task"]["Properties"];
    assert_eq!(
        task["TaskRoleArn"],
        json!({ "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/my-task" })
    );
    let made: Vec<&str> = of_type(&template, "AWS::IAM::Role").into_iter().map(|(id, _)| id).collect();
    assert_eq!(made, ["HostRole"]);
}

#[test]
fn a_long_list_of_models_takes_several_parameters_that_the_gateway_is_told_and_may_read() {
    let models: Vec<String> = (0..60)
        .map(|number| {
            format!(
                "{{model_name: far-{number}, litellm_params: {{model: 'bedrock/provider.some-model-{number}'}}, \
                 lisa_params: {{model_type: textgen, streaming: true}}}}"
            )
        })
        .collect();
    let template = serve(&format!("litellmConfig: {{model_list: [{}]}}", models.join(", ")));
    let names =
        variable(container(&template), "LITELLM_CONFIG_PS_NAME").and_then(Json::as_str).expect("names");
    let values: String = names
        .split(',')
        .map(|name| {
            let parameters = of_type(&template, "AWS::SSM::Parameter");
            let (_, found) =
                parameters.into_iter().find(|(_, one)| one["Name"] == name).expect("a parameter");
            let value = found["Value"].as_str().expect("a text");
            assert!(value.len() <= 4096);
            value
        })
        .collect();
    assert!(names.contains(','));
    let document: Json = serde_json::from_str(&values).expect("the pieces make a document");
    assert_eq!(document["model_list"].as_array().map(Vec::len), Some(60));
    let statements = statements(&template, "TaskRole");
    let reads =
        statements.iter().find(|one| one["Action"][0] == "ssm:GetParameter").expect("a right to read");
    assert_eq!(reads["Resource"].as_array().map(Vec::len), Some(names.split(',').count()));
}

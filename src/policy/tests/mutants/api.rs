//! Mutants of API-55 to API-63.

use serde_json::json;

use super::{Mutant, parameter, sometimes};

const STAGE: &str = "api/Stage/Properties";
const PATHS: &str = "api/Api/Properties/Body/paths";

pub(super) const MUTANTS: &[Mutant] = &[
    ("API-55-access-logs", "none", |stacks| {
        stacks.remove(&format!("{STAGE}/AccessLogSetting"));
    }),
    ("API-55-execution-logs", "off", |stacks| {
        stacks.set(&format!("{STAGE}/MethodSettings/0/LoggingLevel"), json!("OFF"));
    }),
    ("API-55-execution-logs", "off if a parameter says so", |stacks| {
        let any = parameter(stacks, "api");
        stacks.set(&format!("{STAGE}/MethodSettings/0/LoggingLevel"), any);
    }),
    ("API-55-no-bodies", "bodies", |stacks| {
        stacks.set(&format!("{STAGE}/MethodSettings/0/DataTraceEnabled"), json!(true));
    }),
    ("API-56-throttling", "no limit", |stacks| {
        stacks.remove(&format!("{STAGE}/MethodSettings/0/ThrottlingRateLimit"));
    }),
    ("API-56-throttling", "a limit in one branch", |stacks| {
        stacks.set(&format!("{STAGE}/MethodSettings/0/ThrottlingBurstLimit"), sometimes(&json!(10)));
    }),
    ("API-57-authorizer", "a method without", |stacks| {
        stacks.remove(&format!("{PATHS}/~1models/get/security"));
    }),
    ("API-57-authorizer", "any method without", |stacks| {
        stacks.set(&format!("{PATHS}/~1models~1{{id}}/x-amazon-apigateway-any-method"), json!({}));
    }),
    ("API-57-authorizer", "an empty list, which means nobody is asked", |stacks| {
        stacks.set(&format!("{PATHS}/~1models/get/security"), json!([]));
    }),
    ("API-57-authorizer", "an alternative that asks for nothing", |stacks| {
        stacks.set(&format!("{PATHS}/~1models/get/security"), json!([{"token": []}, {}]));
    }),
    ("API-57-authorizer", "a key that anybody can have", |stacks| {
        stacks.set(&format!("{PATHS}/~1models/get/security"), json!([{"key": []}]));
    }),
    ("API-57-authorizer", "a public path with a second method", |stacks| {
        stacks.set(&format!("{PATHS}/~1health/post"), json!({}));
    }),
    ("API-57-authorizer", "a method in one branch", |stacks| {
        stacks.set(
            &format!("{PATHS}/~1models/get"),
            json!({"Fn::If": ["C", {"security": [{"token": []}]}, {}]}),
        );
    }),
    ("API-57-authorizer", "a path that cannot be seen", |stacks| {
        stacks.set(&format!("{PATHS}/~1hidden"), json!({"Fn::Transform": {"Name": "AWS::Include"}}));
    }),
    ("API-57-authorizer", "a scheme without an authorizer", |stacks| {
        let path = "api/Api/Properties/Body/components/securitySchemes/token/x-amazon-apigateway-authorizer";
        stacks.remove(path);
    }),
    ("API-57-authorizer", "a method of its own", |stacks| {
        let properties = json!({"HttpMethod": "GET", "AuthorizationType": "NONE", "RequestValidatorId": "v"});
        stacks.set("api/Method", json!({"Type": "AWS::ApiGateway::Method", "Properties": properties}));
    }),
    ("API-57-authorizer", "a method of its own that a parameter guards", |stacks| {
        let any = parameter(stacks, "api");
        let properties = json!({"HttpMethod": "GET", "AuthorizationType": any, "RequestValidatorId": "v"});
        stacks.set("api/Method", json!({"Type": "AWS::ApiGateway::Method", "Properties": properties}));
    }),
    ("API-57-authorizer", "a function with an address of its own", |stacks| {
        let properties = json!({"AuthType": "NONE", "TargetFunctionArn": "x"});
        stacks.set("api/Url", json!({"Type": "AWS::Lambda::Url", "Properties": properties}));
    }),
    ("API-58-validation", "none", |stacks| {
        stacks.remove("api/Api/Properties/Body/x-amazon-apigateway-request-validator");
    }),
    ("API-58-validation", "one that is not defined", |stacks| {
        stacks.set(&format!("{PATHS}/~1models/get/x-amazon-apigateway-request-validator"), json!("none"));
    }),
    ("API-59-tls", "an old version", |stacks| {
        stacks.set("api/ApiDomain/Properties/SecurityPolicy", json!("TLS_1_0"));
    }),
    ("API-59-tls", "nothing said in one branch", |stacks| {
        stacks.set("api/ApiDomain/Properties/SecurityPolicy", sometimes(&json!("TLS_1_2")));
    }),
    ("API-60-retention", "for ever", |stacks| {
        stacks.remove("api/ApiLogs/Properties/RetentionInDays");
    }),
    ("API-60-key", "the key of AWS", |stacks| {
        stacks.remove("api/ApiLogs/Properties/KmsKeyId");
    }),
    ("API-60-containers", "none", |stacks| {
        stacks.remove("serve/Task/Properties/ContainerDefinitions/0/LogConfiguration");
    }),
    ("API-60-containers", "a group that the template does not know", |stacks| {
        let options = json!({"awslogs-group": "/ecs/anything", "awslogs-create-group": "true"});
        stacks.set("serve/Task/Properties/ContainerDefinitions/0/LogConfiguration/Options", options);
    }),
    ("API-61-logs", "off", |stacks| {
        stacks.set("api/Workflow/Properties/LoggingConfiguration/Level", json!("OFF"));
    }),
    ("API-61-logs", "nowhere, in one branch", |stacks| {
        let good = stacks.get("api/Workflow/Properties/LoggingConfiguration/Destinations");
        stacks.set("api/Workflow/Properties/LoggingConfiguration/Destinations", sometimes(&good));
    }),
    ("API-61-tracing", "off", |stacks| {
        stacks.set("api/Workflow/Properties/TracingConfiguration/Enabled", json!(false));
    }),
    ("API-62-destination", "nowhere", |stacks| {
        stacks.remove("api/ErrorsAlarm/Properties/AlarmActions");
    }),
    ("API-62-destination", "switched off", |stacks| {
        stacks.set("api/ErrorsAlarm/Properties/ActionsEnabled", json!(false));
    }),
    ("API-62-errors", "none", |stacks| {
        stacks.remove("api/ErrorsAlarm");
    }),
    ("API-62-errors", "of another function", |stacks| {
        stacks.set("api/ErrorsAlarm/Properties/Dimensions/0/Value", json!("another"));
    }),
    ("API-62-errors", "one that is not always there", |stacks| {
        stacks.set("api/ErrorsAlarm/Condition", json!("Sometimes"));
    }),
    ("API-62-throttles", "none", |stacks| {
        stacks.remove("api/ThrottlesAlarm");
    }),
    ("API-62-dead-letters", "none", |stacks| {
        stacks.remove("core/DeadLettersAlarm");
    }),
    ("API-62-server-errors", "none for the API", |stacks| {
        stacks.remove("api/ApiAlarm");
    }),
    ("API-62-server-errors", "none for the load balancer", |stacks| {
        stacks.remove("serve/BalancerAlarm");
    }),
    ("API-62-executions", "none", |stacks| {
        stacks.remove("api/WorkflowAlarm");
    }),
    ("API-63-bus-policy", "none", |stacks| {
        stacks.remove("api/BusPolicy");
    }),
    ("API-63-dead-letters", "none for a target, in one branch", |stacks| {
        let good = stacks.get("api/Rule/Properties/Targets/0/DeadLetterConfig");
        stacks.set("api/Rule/Properties/Targets/0/DeadLetterConfig", sometimes(&good));
    }),
    ("API-63-dead-letters", "none for the bus", |stacks| {
        stacks.remove("api/Bus/Properties/DeadLetterConfig");
    }),
];

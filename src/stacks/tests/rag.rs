//! What the RAG stack must hold for each kind of store.

use lisa_config::{Options, Overrides, Source};
use serde_json::{Value as JsonValue, json};

use crate::{App, Assets, synthesize};

/// A deployment with these repositories.
fn app(repositories: &str, more: &str) -> App {
    let text = format!(
        "accountNumber: '123456789012'\nregion: us-east-1\ndeploymentName: demo\ns3BucketModels: weights\n\
         authConfig: {{authority: 'https://login.example.com', clientId: lisa}}\ndeployRag: true\n\
         ragFileProcessingConfig: {{chunkSize: 512, chunkOverlap: 51}}\n{more}\nragRepositories:\n{repositories}"
    );
    let source = Source { name: "config.yaml".into(), text };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default());
    let config = loaded.unwrap_or_else(|problems| panic!("{problems:#?}")).config;
    synthesize(&config, &Assets::not_built()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn rag(app: &App) -> JsonValue {
    let stack = app.stacks.iter().find(|stack| stack.name == "rag").expect("the configuration deploys RAG");
    stack.template.to_json()
}

fn of_type<'a>(template: &'a JsonValue, cfn_type: &str) -> Vec<&'a JsonValue> {
    let resources = template["Resources"].as_object().expect("a template has resources");
    resources.values().filter(|resource| resource["Type"] == cfn_type).collect()
}

fn registered(template: &JsonValue) -> JsonValue {
    let value = &template["Resources"]["RegisteredRepositoriesParameter"]["Properties"]["Value"];
    let text = value["Fn::Sub"][0].as_str().or_else(|| value.as_str()).expect("the repositories are a text");
    serde_json::from_str(text).expect("the repositories are JSON")
}

const PGVECTOR: &str = "  - {repositoryId: handbooks, type: pgvector, rdsConfig: {username: postgres}}\n";

#[test]
fn a_new_database_is_closed_encrypted_and_keeps_its_own_password() {
    let template = rag(&app(PGVECTOR, ""));
    let databases = of_type(&template, "AWS::RDS::DBInstance");
    let [database] = databases[..] else { panic!("one database, found {}", databases.len()) };
    let properties = &database["Properties"];
    assert_eq!(properties["StorageEncrypted"], json!(true));
    assert_eq!(properties["PubliclyAccessible"], json!(false));
    assert_eq!(properties["ManageMasterUserPassword"], json!(true));
    assert!(properties.get("MasterUserPassword").is_none());
    let group = &template["Resources"]["HandbooksDatabaseSecurityGroup"]["Properties"];
    assert_eq!(group["SecurityGroupIngress"].as_array().map(Vec::len), Some(1));
    assert!(
        group["SecurityGroupIngress"][0].get("CidrIp").is_none(),
        "only the functions' group may come in"
    );
}

#[test]
fn every_repository_has_a_store_of_its_own_and_is_registered_by_its_id() {
    let more_databases = "  - {repositoryId: tickets, type: pgvector, rdsConfig: {username: postgres}}\n";
    let template = rag(&app(&format!("{PGVECTOR}{more_databases}"), ""));
    assert_eq!(of_type(&template, "AWS::RDS::DBInstance").len(), 2);
    let registered = registered(&template);
    assert_eq!(registered[0]["repositoryId"], "handbooks");
    assert_eq!(registered[1]["repositoryId"], "tickets");
    assert_eq!(registered[0]["rdsConfig"]["dbHost"], "${HandbooksHost}");
    assert_eq!(registered[1]["rdsConfig"]["passwordSecretId"], "${TicketsSecret}");
}

#[test]
fn an_existing_database_makes_nothing_and_gives_access_to_its_secret_alone() {
    let existing = "  - {repositoryId: tickets, type: pgvector, rdsConfig: {username: lisa, dbHost: db.example.com, \
                    passwordSecretId: tickets-password}}\n";
    let template = rag(&app(existing, ""));
    assert!(of_type(&template, "AWS::RDS::DBInstance").is_empty());
    assert_eq!(registered(&template)[0]["rdsConfig"]["dbHost"], "db.example.com");
    let text = template.to_string();
    assert!(text.contains("secret:tickets-password-??????"), "the functions may read the password");
}

#[test]
fn a_new_domain_admits_the_functions_roles_alone() {
    let domain = "  - {repositoryId: manuals, type: opensearch, opensearchConfig: {dataNodes: 2, \
                  dataNodeInstanceType: r6g.large.search, masterNodes: 0, \
                  masterNodeInstanceType: r6g.large.search, volumeSize: 20}}\n";
    let template = rag(&app(domain, ""));
    let domains = of_type(&template, "AWS::OpenSearchService::Domain");
    let [domain] = domains[..] else { panic!("one domain, found {}", domains.len()) };
    let properties = &domain["Properties"];
    let statements = properties["AccessPolicies"]["Statement"].as_array().expect("a policy has statements");
    assert!(
        statements
            .iter()
            .all(|statement| statement["Principal"] != "*" && statement["Principal"]["AWS"] != "*")
    );
    assert_eq!(properties["DomainEndpointOptions"]["EnforceHTTPS"], json!(true));
    assert_eq!(properties["NodeToNodeEncryptionOptions"]["Enabled"], json!(true));
    assert_eq!(properties["ClusterConfig"]["ZoneAwarenessConfig"]["AvailabilityZoneCount"], json!(2));
    assert_eq!(registered(&template)[0]["opensearchConfig"]["endpoint"], "${ManualsDomainEndpoint}");
}

#[test]
fn data_is_kept_where_the_removal_policy_says_so() {
    for (policy, expected) in [("destroy", "Delete"), ("retain", "Retain")] {
        let template = rag(&app(PGVECTOR, &format!("removalPolicy: {policy}")));
        for cfn_type in ["AWS::RDS::DBInstance", "AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SQS::Queue"]
        {
            for resource in of_type(&template, cfn_type) {
                assert_eq!(resource["DeletionPolicy"], expected, "{cfn_type} with removalPolicy {policy}");
            }
        }
    }
}

#[test]
fn what_nothing_could_ingest_is_kept_and_rings() {
    let template = rag(&app(PGVECTOR, ""));
    let redrive = &template["Resources"]["IngestQueue"]["Properties"]["RedrivePolicy"];
    assert_eq!(redrive["deadLetterTargetArn"]["Fn::GetAtt"][0], "IngestQueueDeadLetters");
    assert!(template["Resources"].get("IngestQueueDeadLettersAlarm").is_some());
}

#[test]
fn an_existing_domain_is_the_only_one_that_the_functions_may_call() {
    let existing = "  - {repositoryId: archive, type: opensearch, opensearchConfig: {endpoint: \
                    vpc-old-archive-abcdefghijklmnop.us-east-1.es.amazonaws.com}}\n";
    let template = rag(&app(existing, ""));
    assert!(of_type(&template, "AWS::OpenSearchService::Domain").is_empty());
    let text = template.to_string();
    assert!(text.contains(":domain/old-archive/*"), "the domain's name is in its endpoint");
    assert!(!text.contains(":domain/*"), "no other domain");
}

#[test]
fn the_functions_may_read_the_key_that_they_embed_with() {
    let template = rag(&app(PGVECTOR, ""));
    for role in ["RagFunctionRole", "RagIngestFunctionRole"] {
        let text = template["Resources"][role].to_string();
        assert!(text.contains("-management-key-??????"), "{role}");
    }
}

#[test]
fn an_existing_role_leaves_no_parameter_that_nothing_refers_to() {
    let more = "securityProfile: hardened\nroles: {RagLambdaExecutionRole: lisa-rag}";
    for stack in app("  - {repositoryId: notes, type: pgvector, rdsConfig: {}}", more).stacks {
        let template = stack.template.to_json();
        let used = format!("{}{}", template["Resources"], template["Outputs"]);
        for id in template["Parameters"].as_object().into_iter().flatten().map(|(id, _)| id) {
            let is_used = used.contains(&format!("\"Ref\":\"{id}\"")) || used.contains(&format!("${{{id}}}"));
            assert!(is_used, "{}: nothing refers to `{id}`", stack.name);
        }
    }
}

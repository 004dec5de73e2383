//! The `rag` stack: documents, ingest jobs and one vector store per repository.
//!
//! One table holds repositories, collections, documents and jobs:
//!
//! | item | `pk` | `sk` | `gsi1pk` / `gsi1sk` |
//! |---|---|---|---|
//! | repository | `repository` | `<repositoryId>` | |
//! | collection | `repository#<id>` | `collection#<collectionId>` | |
//! | document | `repository#<id>` | `document#<collectionId>#<documentId>` | `document#<documentId>` / `<collectionId>` |
//! | job | `repository#<id>` | `job#<created>#<jobId>` | `job#<jobId>` / `<created>` |
//!
//! An upload is answered at once with a job; the queue hands it to the ingest function, and what nothing could ingest
//! ends in the dead-letter queue.

mod bedrock;
mod documents;
mod opensearch;
mod pgvector;
mod stores;

use lisa_cfn::Value;

use lisa_api::settings::RagSettings;
use lisa_api::tables::RAG;
use lisa_cfn::aws::ec2::security_group::Egress;
use lisa_cfn::aws::lambda;
use lisa_cfn::aws::ssm;
use lisa_cfn::iam::{Statement, actions, arn};

use self::stores::Stores;
use crate::app::StackName;
use crate::builder::{Context, StackBuilder};
use crate::parts::{
    Function, FunctionSpec, MANAGEMENT_SECRET, MODEL_TABLE, Queues, RoleRef, auth_settings, common_settings,
    function, queue, table,
};
use crate::shared::Shared;
use crate::stack::Stack;

/// Seconds that one ingest may take: the longest that Lambda allows.
const INGEST_SECONDS: u32 = 900;

/// How often a document is tried before it goes to the dead-letter queue.
const INGEST_ATTEMPTS: u32 = 3;

/// Makes the stack.
pub(crate) fn stack(context: &Context<'_>) -> Stack {
    let mut stack = StackBuilder::new(context, StackName::Rag, "LISA RAG: vector stores, ingest and search");
    let documents = documents::bucket(&mut stack);
    let name = stack.naming().table(RAG.name);
    table(&mut stack, "RagTable", name, &RAG);
    let queues = queue(&mut stack, "IngestQueue", "ingest", INGEST_SECONDS * 6, INGEST_ATTEMPTS);
    let stores = stores::stores(&mut stack);
    registered_repositories(&mut stack, &stores);
    let ingest = ingest_function(&mut stack, &documents, &queues, &stores);
    let api = api_function(&mut stack, &documents, &queues, &stores, &ingest);
    consume(&mut stack, &ingest, &queues);
    opensearch::admit(&mut stack, stores, &[&api, &ingest]);
    stack.finish()
}

/// The repositories of the configuration as the functions read them: ids, kinds and where each store answers.
fn registered_repositories(stack: &mut StackBuilder<'_>, stores: &Stores) {
    let name = stack.naming().parameter("registeredRepositories");
    let parameter = ssm::Parameter::new(ssm::parameter::Type::STRING, stores.registration())
        .name(name)
        .tier(ssm::parameter::Tier::INTELLIGENT_TIERING)
        .description("Repositories of the configuration");
    let handle = stack.add("RegisteredRepositoriesParameter", parameter);
    stack.template.options(&handle).set_by("", "ragRepositories");
}

fn api_function(
    stack: &mut StackBuilder<'_>,
    documents: &documents::Documents,
    queues: &Queues,
    stores: &Stores,
    ingest: &Function,
) -> Function {
    let mut statements = vec![
        documents.read_write(),
        table_access(stack),
        Statement::allow([actions::sqs::SEND_MESSAGE]).on([queues.queue.arn()]),
        reads_parameters(stack),
    ];
    statements.extend(calls_serve(stack));
    statements.extend(stores.access());
    let spec = FunctionSpec {
        service: "rag",
        package: "lisa-rag",
        what: "Repositories, documents and search",
        memory: 512,
        timeout: 29,
        environment: environment(stack, documents, queues, Some(&ingest.role)),
        statements,
        existing_role: stack.config().roles.rag_lambda_execution_role.as_ref(),
        in_vpc: true,
    };
    function(stack, spec)
}

fn ingest_function(
    stack: &mut StackBuilder<'_>,
    documents: &documents::Documents,
    queues: &Queues,
    stores: &Stores,
) -> Function {
    let consume =
        [actions::sqs::RECEIVE_MESSAGE, actions::sqs::DELETE_MESSAGE, actions::sqs::GET_QUEUE_ATTRIBUTES];
    let mut statements = vec![
        documents.read_write(),
        table_access(stack),
        Statement::allow(consume).on([queues.queue.arn()]),
        reads_parameters(stack),
    ];
    statements.extend(calls_serve(stack));
    statements.extend(stores.access());
    let spec = FunctionSpec {
        service: "rag-ingest",
        package: "lisa-rag",
        what: "Reads documents, cuts them into chunks and embeds these",
        memory: 1769,
        timeout: INGEST_SECONDS,
        environment: environment(stack, documents, queues, None),
        statements,
        existing_role: stack.config().roles.rag_lambda_execution_role.as_ref(),
        in_vpc: true,
    };
    function(stack, spec)
}

/// Messages go to the ingest function one at a time; what fails is reported by item and tried again.
fn consume(stack: &mut StackBuilder<'_>, ingest: &Function, queues: &Queues) {
    let scaling = lambda::event_source_mapping::ScalingConfig::new().maximum_concurrency(10);
    stack.add(
        "IngestSource",
        lambda::EventSourceMapping::new(ingest.handle.reference())
            .event_source_arn(queues.queue.arn())
            .batch_size(1)
            .function_response_types([
                lambda::event_source_mapping::FunctionResponseTypes::REPORT_BATCH_ITEM_FAILURES,
            ])
            .scaling_config(scaling),
    );
}

fn table_access(stack: &StackBuilder<'_>) -> Statement {
    use actions::dynamodb as action;
    let name = stack.naming().table(RAG.name);
    let all = [
        action::GET_ITEM,
        action::BATCH_GET_ITEM,
        action::QUERY,
        action::PUT_ITEM,
        action::UPDATE_ITEM,
        action::DELETE_ITEM,
        action::BATCH_WRITE_ITEM,
    ];
    let table = arn::regional("dynamodb", &format!("table/{name}"));
    let indexes = arn::regional("dynamodb", &format!("table/{name}/index/*"));
    Statement::allow(all).on([table, indexes])
}

/// The repositories and the address of the serve API are read when a function starts, so that this stack can be
/// deployed beside `serve`.
fn reads_parameters(stack: &StackBuilder<'_>) -> Statement {
    let names = ["registeredRepositories", "lisaServeRestApiUri"].map(|key| stack.naming().parameter(key));
    let arns = names.map(|name| arn::regional("ssm", &format!("parameter{name}")));
    Statement::allow([actions::ssm::GET_PARAMETER, actions::ssm::GET_PARAMETERS]).on(arns)
}

/// Embedding goes through the serve API with the management key: an ingest has no caller whose token it could use. The
/// model table tells whether a model embeds.
fn calls_serve(stack: &StackBuilder<'_>) -> Vec<Statement> {
    if !stack.config().deploy_serve {
        return Vec::new();
    }
    let naming = stack.naming();
    let key = arn::regional("secretsmanager", &format!("secret:{}-??????", naming.secret(MANAGEMENT_SECRET)));
    let models = arn::regional("dynamodb", &format!("table/{}", naming.table(MODEL_TABLE)));
    vec![
        Statement::allow([actions::secretsmanager::GET_SECRET_VALUE]).on([key]),
        Statement::allow([actions::dynamodb::GET_ITEM]).on([models]),
    ]
}

fn environment(
    stack: &mut StackBuilder<'_>,
    documents: &documents::Documents,
    queues: &Queues,
    ingest: Option<&RoleRef>,
) -> Vec<(&'static str, Value<String>)> {
    let key = stack.data_key();
    let naming = stack.naming();
    let chunks = &stack.config().rag_file_processing_config;
    let settings = RagSettings {
        common: common_settings(stack),
        auth: auth_settings(stack, true),
        bucket: documents.name.clone().into(),
        table: naming.table(RAG.name).into(),
        ingest_queue_url: queues.queue.queue_url().into(),
        repositories_parameter: naming.parameter("registeredRepositories").into(),
        serve_url_parameter: naming.parameter(Shared::ServeUrl.key()).into(),
        model_table: stack.config().deploy_serve.then(|| naming.table(MODEL_TABLE).into()),
        chunk_size: Some(chunks.chunk_size.to_string().into()),
        chunk_overlap: Some(chunks.chunk_overlap.to_string().into()),
        data_key_arn: Some(key.into()),
        ingest_role_arn: ingest.map(|role| role.arn.clone().into()),
        serve_certificate_arn: None,
    };
    settings.into_env()
}

/// The rule of a security group that starts no connection. CloudFormation adds an open rule where none is given, so
/// one that leads nowhere is.
fn no_egress() -> Egress {
    Egress::new("icmp").cidr_ip("255.255.255.255/32").from_port(252).to_port(86).description("None")
}

//! The vector stores of the configuration, each its own: what is made, what is registered, what the functions may do.

use lisa_cfn::Value;
use lisa_cfn::aws::opensearchservice;
use lisa_cfn::iam::Statement;
use lisa_config::section::rag::{OpenSearchConfig, RagRepository, VectorStore};
use lisa_names::RepositoryId;
use serde_json::{Value as JsonValue, json};

use super::{opensearch, pgvector};
use crate::builder::StackBuilder;

/// Every store of the stack.
#[derive(Debug, Default)]
pub(super) struct Stores {
    entries: Vec<Store>,
    /// Domains that this stack makes, with the id of their repository.
    pub(super) domains: Vec<NewDomain>,
}

/// A search domain that is made here.
#[derive(Debug)]
pub(super) struct NewDomain {
    /// Logical id.
    pub(super) logical_id: String,
    /// Physical name.
    pub(super) name: String,
    /// The resource, added once the functions' roles are known.
    pub(super) domain: opensearchservice::Domain,
    /// Where the configuration asks for it.
    pub(super) origin: String,
}

/// One repository's store as the functions see it.
#[derive(Debug)]
pub(super) struct Store {
    /// What is registered; strings may be intrinsics of this template.
    pub(super) registration: JsonValue,
    /// What the registration's `${Name}`s stand for.
    pub(super) values: Vec<(String, Value<String>)>,
    /// What the functions may do with it.
    pub(super) access: Vec<Statement>,
}

impl Stores {
    /// A JSON list of the repositories, as one text for a parameter.
    pub(super) fn registration(&self) -> Value<String> {
        let list: Vec<&JsonValue> = self.entries.iter().map(|store| &store.registration).collect();
        let values = self.entries.iter().flat_map(|store| store.values.iter().cloned());
        let values: Vec<(String, Value<String>)> = values.collect();
        let text = json!(list).to_string();
        if values.is_empty() { text.into() } else { Value::sub_with(&text, values) }
    }

    /// What the functions may do with all stores.
    pub(super) fn access(&self) -> impl Iterator<Item = Statement> + '_ {
        self.entries.iter().flat_map(|store| store.access.iter().cloned())
    }
}

/// Adds what each repository needs.
pub(super) fn stores(stack: &mut StackBuilder<'_>) -> Stores {
    let mut stores = Stores::default();
    for (index, repository) in stack.config().rag_repositories.iter().enumerate() {
        let origin = format!("ragRepositories[{index}]");
        let id = &repository.repository_id;
        let store = match &repository.store {
            VectorStore::OpenSearch { opensearch_config: OpenSearchConfig::Existing(existing) } => {
                opensearch::existing(existing)
            }
            VectorStore::OpenSearch { opensearch_config: OpenSearchConfig::New(new) } => {
                let (store, domain) = opensearch::new(stack, id, new, &origin);
                stores.domains.push(domain);
                store
            }
            VectorStore::PgVector { rds_config } => pgvector::store(stack, id, rds_config, &origin),
            VectorStore::BedrockKnowledgeBase { bedrock_knowledge_base_config } => {
                super::bedrock::store(bedrock_knowledge_base_config)
            }
        };
        stores.entries.push(described(repository, store));
    }
    stores
}

/// The store with what the configuration says of its repository.
fn described(repository: &RagRepository, mut store: Store) -> Store {
    store.registration["repositoryId"] = json!(repository.repository_id);
    store.registration["repositoryName"] = json!(repository.repository_name);
    store.registration["description"] = json!(repository.description);
    store.registration["embeddingModelId"] = json!(repository.embedding_model_id);
    store.registration["allowedGroups"] = json!(repository.allowed_groups);
    store.registration["pipelines"] = json!(repository.pipelines);
    store
}

/// A repository's id in camel case, for logical ids: `pgvector-rag` is `PgvectorRag`.
pub(super) fn camel(id: &RepositoryId) -> String {
    let words = id.as_ref().split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}

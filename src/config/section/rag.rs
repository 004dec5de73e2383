//! `ragRepositories` and `ragFileProcessingConfig`: vector stores, and how documents are cut before they go in.

use crate::words::{self, DatabaseWord, HostName, SearchInstanceType, SecretId};
use lisa_names::RepositoryId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A vector store that documents are put into and searched in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RagRepository {
    /// Id of the repository.
    pub repository_id: RepositoryId,
    /// Name shown to people. `None`: the id.
    pub repository_name: Option<String>,
    /// What it holds, in words.
    pub description: Option<String>,
    /// Model that documents are embedded with unless a request names one.
    pub embedding_model_id: Option<String>,
    /// Groups that may use it. Empty: everybody.
    pub allowed_groups: Vec<String>,
    /// Documents that are ingested by themselves.
    pub pipelines: Vec<Pipeline>,
    /// The store behind it.
    #[serde(flatten)]
    pub store: VectorStore,
}

/// The store behind a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum VectorStore {
    /// An OpenSearch domain.
    #[serde(rename_all = "camelCase")]
    OpenSearch {
        /// The domain, new or existing.
        opensearch_config: OpenSearchConfig,
    },
    /// A PostgreSQL database with pgvector.
    #[serde(rename_all = "camelCase")]
    PgVector {
        /// The database, new or existing.
        rds_config: RdsConfig,
    },
    /// A knowledge base of Amazon Bedrock.
    #[serde(rename = "bedrock_knowledge_base", rename_all = "camelCase")]
    BedrockKnowledgeBase {
        /// The knowledge base, which exists already.
        bedrock_knowledge_base_config: BedrockKnowledgeBaseConfig,
    },
}

/// A vector store that documents are put into and searched in. Any number of them, each a store of its own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "RagRepository")]
pub(crate) struct RagRepositoryFile {
    /// Id of the repository, unique among all: part of resource names and URLs.
    #[schemars(schema_with = "words::repository_id")]
    pub(crate) repository_id: RepositoryId,
    /// Name shown to people. Not given: the id.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) repository_name: Option<String>,
    /// What it holds, in words.
    #[schemars(length(max = 1000))]
    pub(crate) description: Option<String>,
    /// Model that documents are embedded with unless a request names one.
    pub(crate) embedding_model_id: Option<String>,
    /// Kind of the store.
    #[serde(rename = "type")]
    pub(crate) kind: RepositoryKind,
    /// The OpenSearch domain of a repository of type `opensearch`.
    pub(crate) opensearch_config: Option<OpenSearchConfig>,
    /// The database of a repository of type `pgvector`.
    pub(crate) rds_config: Option<RdsFile>,
    /// The knowledge base of a repository of type `bedrock_knowledge_base`.
    pub(crate) bedrock_knowledge_base_config: Option<BedrockKnowledgeBaseConfig>,
    /// Groups that may use it. Empty: everybody.
    #[serde(default)]
    pub(crate) allowed_groups: Vec<String>,
    /// Buckets whose documents are ingested by themselves.
    #[serde(default)]
    pub(crate) pipelines: Vec<Pipeline>,
}

/// Kind of a vector store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RepositoryKind {
    /// An OpenSearch domain, new or existing.
    OpenSearch,
    /// A PostgreSQL database with pgvector, new or existing.
    PgVector,
    /// A knowledge base of Amazon Bedrock, existing.
    #[serde(rename = "bedrock_knowledge_base")]
    BedrockKnowledgeBase,
}

/// An OpenSearch domain: an existing one has an `endpoint`, a new one has nodes and a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OpenSearchConfig {
    /// A domain that exists.
    Existing(ExistingOpenSearch),
    /// A domain that LISA makes.
    New(NewOpenSearch),
}

/// An OpenSearch domain that exists already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExistingOpenSearch {
    /// Host name of the domain's endpoint, without scheme.
    pub endpoint: HostName,
}

/// An OpenSearch domain that LISA makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NewOpenSearch {
    /// Number of data nodes.
    #[schemars(range(min = 1, max = 80))]
    pub data_nodes: u32,
    /// Instance type of a data node.
    pub data_node_instance_type: SearchInstanceType,
    /// Number of dedicated master nodes. 0: none; AWS advises three.
    #[schemars(range(min = 0, max = 5))]
    pub master_nodes: u32,
    /// Instance type of a master node.
    pub master_node_instance_type: SearchInstanceType,
    /// Size of a data node's volume in GiB.
    #[schemars(range(min = 10, max = 16384))]
    pub volume_size: u32,
    /// Whether a third availability zone stands by. Needs data nodes in multiples of three and dedicated masters.
    pub multi_az_with_standby: bool,
}

impl Default for NewOpenSearch {
    fn default() -> Self {
        Self {
            data_nodes: 2,
            data_node_instance_type: words::default_search_instance(),
            master_nodes: 0,
            master_node_instance_type: words::default_search_instance(),
            volume_size: 20,
            multi_az_with_standby: false,
        }
    }
}

/// A PostgreSQL database with pgvector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RdsConfig {
    /// User that LISA signs in as.
    pub username: DatabaseWord,
    /// Name of the database.
    pub db_name: DatabaseWord,
    /// Port of the server.
    pub db_port: u16,
    /// The server, when it exists. `None`: LISA makes one.
    #[serde(flatten)]
    pub existing: Option<ExistingDatabase>,
}

/// A database server that exists already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExistingDatabase {
    /// Its host name.
    pub db_host: HostName,
    /// Secret whose JSON holds `password`.
    pub password_secret_id: SecretId,
}

/// A PostgreSQL database with pgvector. With both `dbHost` and `passwordSecretId` an existing one is used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "RdsConfig")]
pub(crate) struct RdsFile {
    /// User that LISA signs in as.
    #[serde(default = "words::postgres")]
    pub(crate) username: DatabaseWord,
    /// Secret in Secrets Manager whose JSON holds `password`.
    pub(crate) password_secret_id: Option<SecretId>,
    /// Host name of the existing database server.
    pub(crate) db_host: Option<HostName>,
    /// Name of the database.
    #[serde(default = "words::postgres")]
    pub(crate) db_name: DatabaseWord,
    /// Port of the database server.
    #[serde(default = "postgres_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub(crate) db_port: u16,
}

/// A knowledge base of Amazon Bedrock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BedrockKnowledgeBaseConfig {
    /// Id of the knowledge base.
    #[schemars(length(max = 10), regex(pattern = r"^[0-9A-Za-z]{10}$"), extend("x-expected" = "10 letters and digits"))]
    pub knowledge_base_id: String,
    /// The sources that it is filled from.
    #[schemars(length(min = 1))]
    pub data_sources: Vec<BedrockDataSource>,
}

/// A data source of a Bedrock knowledge base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BedrockDataSource {
    /// Id of the data source.
    #[schemars(length(max = 10), regex(pattern = r"^[0-9A-Za-z]{10}$"), extend("x-expected" = "10 letters and digits"))]
    pub id: String,
    /// Name shown to people.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Where its documents are, such as `s3://bucket/prefix`.
    #[schemars(regex(pattern = r"^s3://[a-z0-9][a-z0-9.-]+[a-z0-9](/.*)?$"), extend("x-expected" = "a place in S3 such as `s3://bucket/prefix`"))]
    pub s3_uri: String,
}

/// A bucket whose documents are ingested by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pipeline {
    /// Bucket of the documents.
    #[schemars(schema_with = "words::bucket_name")]
    pub s3_bucket: lisa_names::BucketName,
    /// Only keys that start with this are ingested.
    #[serde(default)]
    pub s3_prefix: String,
    /// What starts an ingest.
    #[serde(default)]
    pub trigger: PipelineTrigger,
    /// Whether a document that vanishes from the bucket vanishes from the store.
    #[serde(default)]
    pub auto_remove: bool,
    /// Characters of one chunk.
    #[serde(default = "default_chunk_size")]
    #[schemars(range(min = 100, max = 10000))]
    pub chunk_size: u32,
    /// Characters that neighbouring chunks share.
    #[serde(default = "default_chunk_overlap")]
    pub chunk_overlap: u32,
    /// Model that the documents are embedded with. Not given: the repository's.
    pub embedding_model: Option<String>,
}

/// What starts the ingest of a pipeline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PipelineTrigger {
    /// Every change in the bucket.
    #[default]
    Event,
    /// Once a day.
    Daily,
}

/// How documents are cut into chunks unless a request says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RagFileProcessingConfig {
    /// Characters of one chunk.
    #[schemars(range(min = 100, max = 10000))]
    pub chunk_size: u32,
    /// Characters that neighbouring chunks share. Less than `chunkSize`.
    pub chunk_overlap: u32,
}

fn postgres_port() -> u16 {
    5432
}

fn default_chunk_size() -> u32 {
    512
}

fn default_chunk_overlap() -> u32 {
    51
}

impl Default for RagFileProcessingConfig {
    fn default() -> Self {
        Self { chunk_size: default_chunk_size(), chunk_overlap: default_chunk_overlap() }
    }
}

impl RagRepositoryFile {
    /// The repository, or `None` when the block of its type is missing.
    pub(crate) fn resolve(self) -> Option<RagRepository> {
        let store = match self.kind {
            RepositoryKind::OpenSearch => {
                VectorStore::OpenSearch { opensearch_config: self.opensearch_config? }
            }
            RepositoryKind::PgVector => VectorStore::PgVector { rds_config: self.rds_config?.resolve() },
            RepositoryKind::BedrockKnowledgeBase => VectorStore::BedrockKnowledgeBase {
                bedrock_knowledge_base_config: self.bedrock_knowledge_base_config?,
            },
        };
        Some(RagRepository {
            repository_id: self.repository_id,
            repository_name: self.repository_name,
            description: self.description,
            embedding_model_id: self.embedding_model_id,
            allowed_groups: self.allowed_groups,
            pipelines: self.pipelines,
            store,
        })
    }
}

impl RdsFile {
    fn resolve(self) -> RdsConfig {
        let existing = self.db_host.zip(self.password_secret_id);
        RdsConfig {
            username: self.username,
            db_name: self.db_name,
            db_port: self.db_port,
            existing: existing
                .map(|(db_host, password_secret_id)| ExistingDatabase { db_host, password_secret_id }),
        }
    }
}

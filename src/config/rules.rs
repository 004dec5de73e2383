//! Every rule a config file is held to: its id, how bad a breach is, and whether the JSON Schema can express it.
//!
//! The files under `rules/` check what a schema cannot: one file per group of keys.

pub(crate) mod access;
pub(crate) mod facts;
pub(crate) mod identity;
pub(crate) mod litellm;
pub(crate) mod models;
pub(crate) mod network;
pub(crate) mod rag;
pub(crate) mod serve;
pub(crate) mod twice;

use crate::problem::Severity;
use crate::report::Report;
use facts::Facts;
use serde::Serialize;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its name, in kebab case: what [`crate::Problem::rule`] holds.
    pub id: &'static str,
    /// How bad a breach is.
    pub severity: Severity,
    /// Whether the JSON Schema refuses a file that breaks it.
    pub in_schema: bool,
    /// What it asks for.
    pub summary: &'static str,
}

macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident, $schema:literal, $summary:literal;)+) => {
        $(pub(crate) const $name: Rule =
            Rule { id: $id, severity: Severity::$severity, in_schema: $schema, summary: $summary };)+

        /// Every rule.
        pub const ALL: &[Rule] = &[$($name),+];
    };
}

rules! {
    FILE_TOO_LARGE = "file-too-large", Error, false, "a file has at most one mebibyte";
    FILE_EMPTY = "file-empty", Error, true, "a file has at least one key";
    FILE_NOT_A_MAPPING = "file-not-a-mapping", Error, true, "a file is a mapping of keys to values";
    YAML_SYNTAX = "yaml-syntax", Error, false, "a file is YAML";
    YAML_TAB = "yaml-tab", Error, false, "indentation is made of spaces";
    YAML_SEVERAL_DOCUMENTS = "yaml-several-documents", Error, false, "a file has one YAML document";
    YAML_TAG = "yaml-tag", Error, false, "no value has a tag of its own";
    YAML_UNKNOWN_ANCHOR = "yaml-unknown-anchor", Error, false, "an alias comes after its anchor";
    YAML_TOO_BIG = "yaml-too-big", Error, false, "values are few and flat, aliases expanded";
    YAML_NOT_FINITE = "yaml-not-finite", Error, false, "a number is finite";
    YAML_DUPLICATE_KEY = "yaml-duplicate-key", Error, false, "a key stands once in its mapping";
    YAML_BOOLEAN_WORD = "yaml-boolean-word", Error, true, "a switch is `true` or `false`, not `yes`, `no`, `on` or `off`";

    ENVIRONMENT_MISSING = "environment-missing", Error, false, "the selected environment has a block";
    ENVIRONMENT_EMPTY = "environment-empty", Error, false, "the selected environment's block has keys";

    UNKNOWN_KEY = "unknown-key", Error, true, "a key is one that LISA knows";
    RETIRED_KEY = "retired-key", Warning, false, "a key still has an effect";
    MISSING_KEY = "missing-key", Error, true, "a required key is there";
    WRONG_TYPE = "wrong-type", Error, true, "a value has the type of its key";
    NOT_A_CHOICE = "not-a-choice", Error, true, "a value is one of those allowed";
    BELOW_MINIMUM = "below-minimum", Error, true, "a number is not below its least value";
    ABOVE_MAXIMUM = "above-maximum", Error, true, "a number is not above its largest value";
    WRONG_FORM = "wrong-form", Error, true, "a text has the form of its key";
    TOO_SHORT = "too-short", Error, true, "a text or list is not too short";
    TOO_LONG = "too-long", Error, true, "a text or list is not too long";
    KEY_FORM = "key-form", Error, true, "a key of a free mapping has the form it needs";
    GIVEN_TWICE = "given-twice", Error, false, "a setting with two spellings is given in one of them";
    INTERNAL = "internal", Error, false, "a file that passes every rule can be used";

    ACCOUNT_UNQUOTED = "account-unquoted", Warning, false, "an account number with a leading zero is quoted";
    DEPLOYMENT_NAME_MISSING = "deployment-name-missing", Error, false, "an environment block names its deployment";
    REGION_UNKNOWN = "region-unknown", Error, false, "a region belongs to a partition";
    REGION_NOT_LISTED = "region-not-listed", Warning, false, "a region is one of those known today";
    PARTITION_MISMATCH = "partition-mismatch", Error, false, "`partition` is the region's";
    DOMAIN_MISMATCH = "domain-mismatch", Error, false, "`domain` is the partition's";
    PYPI_INDEX_MISSING = "pypi-index-missing", Error, false, "an isolated partition has a Python index of its own";
    TAG_TWICE = "tag-twice", Error, false, "a tag's key stands once";

    UI_NEEDS_CHAT = "ui-needs-chat", Error, false, "the web page is deployed with the chat back end";
    AUTH_CONFIG_MISSING = "auth-config-missing", Error, false, "what people sign in to has an identity provider";
    AUTHORITY_NOT_HTTPS = "authority-not-https", Warning, false, "the identity provider is reached by HTTPS";
    OPEN_TO_THE_INTERNET = "open-to-the-internet", Warning, false, "an API on the internet asks who calls";
    ROLE_NOT_USED = "role-not-used", Warning, false, "a role that is named has a use";

    SUBNETS_NEED_VPC = "subnets-need-vpc", Error, false, "existing subnets come with their VPC";
    SUBNET_TWICE = "subnet-twice", Error, false, "a subnet stands once";
    SUBNETS_IN_ONE_ZONE = "subnets-in-one-zone", Error, false, "subnets lie in two availability zones at least";
    SUBNET_ZONE_ELSEWHERE = "subnet-zone-elsewhere", Error, false, "a subnet's zone is one of the region";
    SUBNETS_OVERLAP = "subnets-overlap", Error, false, "address ranges of subnets do not overlap";
    SUBNETS_NOT_PUBLIC = "subnets-not-public", Error, false, "an internet-facing API has public subnets in two zones";
    SECURITY_GROUPS_NEED_VPC = "security-groups-need-vpc", Error, false, "existing security groups come with their VPC";
    SECURITY_GROUP_MISSING = "security-group-missing", Error, false, "each store that is made has a security group, when LISA may make none";
    CERTIFICATE_ELSEWHERE = "certificate-elsewhere", Error, false, "a certificate lies in the partition, account and region";
    IMAGE_ELSEWHERE = "image-elsewhere", Error, false, "an ECR image lies in the partition";
    DOMAIN_NAME_TWICE = "domain-name-twice", Error, false, "web page and serve API have different domains";

    REST_HEALTH_PATH = "rest-health-path", Error, false, "the serve API is asked on `/health`";
    REST_EXISTING_DATABASE = "rest-existing-database", Error, false, "the serve API has no database to bring";
    CAPACITY_ORDER = "capacity-order", Error, false, "`minCapacity` is not above `maxCapacity`";
    HEALTH_CHECK_TIMEOUT = "health-check-timeout", Error, false, "a health check times out before the next one";
    GATEWAY_IMAGE_UNUSED = "gateway-image-unused", Warning, false, "upstream's build directory stands for LISA's own gateway";

    RAG_CONFIG_MISSING = "rag-config-missing", Error, false, "a repository has the block of its type";
    RAG_CONFIG_UNUSED = "rag-config-unused", Warning, false, "a repository has only the block of its type";
    RAG_REPOSITORY_TWICE = "rag-repository-twice", Error, false, "ids of repositories differ by more than case";
    RAG_DATABASE_HALF = "rag-database-half", Error, false, "an existing database has a host and a secret";
    RAG_STANDBY_NODES = "rag-standby-nodes", Error, false, "a standby zone has data nodes in threes and three masters";
    RAG_STANDBY_ZONES = "rag-standby-zones", Error, false, "a standby zone has three zones to lie in";
    RAG_CHUNK_OVERLAP = "rag-chunk-overlap", Error, false, "chunks overlap by less than their size";
    RAG_CHUNKS_MISSING = "rag-chunks-missing", Error, false, "an environment block with RAG says how documents are cut";
    RAG_NOT_DEPLOYED = "rag-not-deployed", Warning, false, "repositories come with `deployRag`";

    LITELLM_STREAMING_MISSING = "litellm-streaming-missing", Error, false, "a text model says whether it streams";
    LITELLM_EMBEDDING_STREAMS = "litellm-embedding-streams", Error, false, "an embedding model says nothing of streaming";
    LITELLM_PROXY_MISSING = "litellm-proxy-missing", Warning, false, "a model of a provider that the gateway does not speak has an image with LiteLLM";
    LITELLM_OPTION_UNUSED = "litellm-option-unused", Warning, false, "an option of LiteLLM has an effect";
    LITELLM_OPTION_REFUSED = "litellm-option-refused", Error, false, "an option of LiteLLM asks for nothing that the gateway does not do";
    LITELLM_VALUE_UNUSABLE = "litellm-value-unusable", Error, false, "a value of an option of LiteLLM can be used";

    MODEL_TWICE = "model-twice", Error, false, "ids of models differ by more than case and hyphens";
    MODEL_INSTANCE_MISSING = "model-instance-missing", Error, false, "a model that is deployed has an instance type";
    MODEL_TYPE_MISSING = "model-type-missing", Error, false, "a model that is deployed has a type";
    MODEL_EMBEDDING_STREAMS = "model-embedding-streams", Error, false, "an embedding model does not stream";
    MODEL_IMAGE_MISSING = "model-image-missing", Error, false, "a model that is deployed has an image";
    MODEL_ENGINE_UNKNOWN = "model-engine-unknown", Error, false, "a model that is deployed has an engine";
}

/// Holds the file against every rule that no schema can express.
pub(crate) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    const GROUPS: &[fn(&Facts<'_>, &mut Report<'_>)] = &[
        twice::check,
        identity::check,
        access::check,
        network::check,
        serve::check,
        rag::check,
        litellm::check,
        models::check,
    ];
    for group in GROUPS {
        group(facts, report);
    }
}

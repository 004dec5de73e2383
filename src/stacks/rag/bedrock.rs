//! A Bedrock knowledge base, which exists already.

use lisa_cfn::iam::{Statement, actions, arn};
use lisa_config::section::rag::BedrockKnowledgeBaseConfig;
use serde_json::json;

use super::stores::Store;

pub(super) fn store(config: &BedrockKnowledgeBaseConfig) -> Store {
    let knowledge_base = arn::regional("bedrock", &format!("knowledge-base/{}", config.knowledge_base_id));
    let allowed = [actions::bedrock::RETRIEVE, actions::bedrock::START_INGESTION_JOB];
    Store {
        registration: json!({
            "type": "bedrock_knowledge_base",
            "bedrockKnowledgeBaseConfig": { "knowledgeBaseId": config.knowledge_base_id, "dataSources": config.data_sources },
        }),
        values: Vec::new(),
        access: vec![Statement::allow(allowed).on([knowledge_base])],
    }
}

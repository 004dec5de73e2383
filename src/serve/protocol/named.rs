//! Names of models by which LiteLLM knows where they are: `bedrock/<id>`, `sagemaker_chat/<endpoint>`.
//! Source: LiteLLM's documentation, "AWS Bedrock" and "AWS Sagemaker".

use crate::registry::Container;

/// A model of AWS's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    /// Of Bedrock: its id or ARN, and the region where the name has one.
    Bedrock(&'a str, Option<&'a str>),
    /// A SageMaker endpoint, and what its container understands.
    SageMaker(&'a str, Container),
}

/// Ways to Bedrock that stand in a name; all of them lead to Converse here.
const WAYS: [&str; 4] = ["converse_like/", "converse/", "invoke/", "async_invoke/"];

impl<'a> Named<'a> {
    /// Reads a name; `None` for one of another provider.
    pub fn parse(name: &'a str) -> Option<Self> {
        let found = match name.split_once('/')? {
            ("bedrock" | "bedrock_converse", rest) => Self::bedrock(rest),
            ("sagemaker", endpoint) => Self::SageMaker(endpoint, Container::Inputs),
            ("sagemaker_chat", endpoint) => Self::SageMaker(endpoint, Container::Chat),
            _ => return None,
        };
        let (Self::Bedrock(id, _) | Self::SageMaker(id, _)) = found;
        (!id.is_empty()).then_some(found)
    }

    fn bedrock(rest: &'a str) -> Self {
        let rest = WAYS.iter().find_map(|way| rest.strip_prefix(way)).unwrap_or(rest);
        if let Some((region, id)) = rest.split_once('/')
            && is_region(region)
        {
            return Self::Bedrock(id, Some(region));
        }
        // An ARN names its region itself.
        let region = rest.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(2));
        Self::Bedrock(rest, region.filter(|region| is_region(region)))
    }
}

/// `us-east-1`, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    lisa_names::Partition::of(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let arn = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.x";
        for (name, expected) in [
            ("bedrock/anthropic.claude-v2:1", Named::Bedrock("anthropic.claude-v2:1", None)),
            ("bedrock/converse/us.amazon.nova-lite-v1:0", Named::Bedrock("us.amazon.nova-lite-v1:0", None)),
            ("bedrock/us-gov-west-1/meta.llama3", Named::Bedrock("meta.llama3", Some("us-gov-west-1"))),
            (&format!("bedrock/{arn}"), Named::Bedrock(arn, Some("eu-west-1"))),
            ("sagemaker/llama", Named::SageMaker("llama", Container::Inputs)),
            ("sagemaker_chat/llama", Named::SageMaker("llama", Container::Chat)),
        ] {
            assert_eq!(Named::parse(name), Some(expected), "{name}");
        }
        for other in ["openai/gpt", "bedrock", "bedrock/", "sagemaker/", "llama"] {
            assert_eq!(Named::parse(other), None, "{other}");
        }
    }
}

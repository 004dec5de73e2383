//! References to container images: registry, repository, tag and digest.

use crate::error::NameError;
use crate::word::text_impls;

/// A container image's reference, `registry/repository:tag@digest`, as Docker reads it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageRef {
    text: String,
    registry: Option<String>,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

text_impls!(ImageRef);

impl ImageRef {
    /// Takes a reference; registry, tag and digest may be missing.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let refuse = |fault: &str| {
            let allowed = "allowed are references such as `registry.example.com/team/image:1.2`";
            NameError::new("a container image", text, fault.to_owned(), allowed)
        };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash belongs to the registry's port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((host, path)) if is_host(host) => (Some(host), path),
            _ => (None, name),
        };
        if text.contains("://") {
            return Err(refuse("it is a URL"));
        }
        if !registry.is_none_or(is_registry) {
            return Err(refuse("its registry is no host with an optional port"));
        }
        if repository.is_empty() || !repository.split('/').all(is_component) {
            return Err(refuse("its repository is not made of lowercase letters, digits and `._-/`"));
        }
        if !tag.is_none_or(is_tag) {
            return Err(refuse("its tag is not 1 to 128 letters, digits and `._-`"));
        }
        if !digest.is_none_or(is_digest) {
            return Err(refuse("its digest is not `sha256:` and 64 hexadecimal digits"));
        }
        Ok(Self {
            text: text.to_owned(),
            registry: registry.map(str::to_owned),
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The whole reference, as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The registry's host and port; `None` means Docker Hub.
    pub fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }

    /// The repository: `vllm/vllm-openai`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag; without tag and digest Docker takes `latest`.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest that pins the content: `sha256:...`.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }
}

/// What Docker takes for a registry rather than the first part of a repository.
fn is_host(text: &str) -> bool {
    text.contains(['.', ':']) || text == "localhost"
}

fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "443"));
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.split('.').all(label) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_component(text: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(word)
        && text.ends_with(word)
        && text.chars().all(|c| word(c) || "._-".contains(c))
        && !text.contains("..")
        && !text.contains("___")
}

fn is_tag(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        && !text.starts_with(['.', '-'])
}

fn is_digest(text: &str) -> bool {
    let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    text.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && hex.chars().all(hexadecimal))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, String, Option<String>) {
        let image = ImageRef::new(text).unwrap();
        (image.registry, image.repository, image.tag)
    }

    #[test]
    fn parts_are_told_apart() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("python"), (None, "python".to_owned(), None));
        assert_eq!(parts("vllm/vllm-openai:v0.5.0"), (None, "vllm/vllm-openai".to_owned(), some("v0.5.0")));
        assert_eq!(parts("localhost:5000/a"), (some("localhost:5000"), "a".to_owned(), None));
        assert_eq!(
            parts("ghcr.io/huggingface/text-generation-inference:1.0.2"),
            (some("ghcr.io"), "huggingface/text-generation-inference".to_owned(), some("1.0.2"))
        );
        let pinned = format!("public.ecr.aws/a/b:1@sha256:{}", "0a".repeat(32));
        assert_eq!(ImageRef::new(&pinned).unwrap().digest().map(str::len), Some(71));
    }

    #[test]
    fn faults_are_named() {
        let fault = |text| ImageRef::new(text).unwrap_err().fault().to_owned();
        assert_eq!(fault("https://ghcr.io/a/b"), "it is a URL");
        assert_eq!(fault("a/B:1"), "its repository is not made of lowercase letters, digits and `._-/`");
        assert_eq!(fault("a:"), "its tag is not 1 to 128 letters, digits and `._-`");
        assert_eq!(fault("a@sha256:12"), "its digest is not `sha256:` and 64 hexadecimal digits");
        assert_eq!(fault("ghcr.io:port/a"), "its registry is no host with an optional port");
        assert!(ImageRef::new("").is_err());
    }
}

//! What looks like a secret: by the name it is given, or by its own shape.

/// Words in the name of a value that must not be known.
const WORDS: [&str; 8] =
    ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY", "PRIVATEKEY", "MASTERKEY", "CREDENTIAL"];

/// Words that hold one of [`WORDS`] by chance: a tokenizer, and tokens that are counted.
const CHANCES: [&str; 2] = ["TOKENIZER", "TOKENS"];

/// Endings that say where a secret is rather than what it is, or that count something.
const PLACES: [&str; 25] = [
    "ARN",
    "NAME",
    "ID",
    "TABLE",
    "URL",
    "URI",
    "PARAMETER",
    "PATH",
    "FILE",
    "PREFIX",
    "ENDPOINT",
    "TTL",
    "SECONDS",
    "COUNT",
    "HEADER",
    "ISSUER",
    "AUDIENCE",
    "CLAIM",
    "COOKIE",
    "ENABLED",
    "KIND",
    "MODE",
    "PROPERTY",
    "PROVIDER",
    "TYPE",
];

/// Whether a name such as `DB_PASSWORD` or `lisaApiKey` promises a secret value.
pub(crate) fn is_sensitive_name(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let plain = CHANCES.iter().fold(plain, |plain, chance| plain.replace(chance, ""));
    WORDS.iter().any(|word| plain.contains(word)) && !PLACES.iter().any(|place| plain.ends_with(place))
}

/// Whether the literal value of such a name may be the secret: it says neither where it is nor a number or flag.
pub(crate) fn may_be_secret(value: &str) -> bool {
    let place = value.starts_with("arn:") || value.starts_with('/') || value.starts_with("http");
    let plain =
        value.is_empty() || value.parse::<f64>().is_ok() || matches!(value, "true" | "false" | "none");
    !place && !plain && !value.contains("${")
}

/// Whether a text holds something whose shape only secrets have: a private key, an AWS access key, or a key of
/// one of the large model providers.
pub(crate) fn has_secret_shape(text: &str) -> bool {
    text.contains("PRIVATE KEY-----")
        || ["AKIA", "ASIA"].into_iter().any(|prefix| {
            follows(text, prefix, 16, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        })
        || ["sk-", "hf_", "ghp_"]
            .into_iter()
            .any(|prefix| follows(text, prefix, 20, |byte| byte.is_ascii_alphanumeric()))
}

/// Whether `prefix` starts a word and at least `least` bytes that `allowed` takes come after it.
fn follows(text: &str, prefix: &str, least: usize, allowed: impl Fn(u8) -> bool) -> bool {
    text.match_indices(prefix).any(|(at, _)| {
        let starts_word = !text[..at].ends_with(|letter: char| letter.is_alphanumeric());
        starts_word && text[at + prefix.len()..].bytes().take_while(|byte| allowed(*byte)).count() >= least
    })
}

#[cfg(test)]
mod tests {
    use super::{has_secret_shape, is_sensitive_name, may_be_secret};

    #[test]
    fn names() {
        for name in ["DB_PASSWORD", "LITELLM_MASTER_KEY", "OPENAI_API_KEY", "clientSecret", "HF_TOKEN"] {
            assert!(is_sensitive_name(name), "{name}");
        }
        for name in [
            "MAX_TOTAL_TOKENS",
            "SECRET_ARN",
            "TOKEN_TABLE_NAME",
            "TOKEN_TTL",
            "REGION",
            "API_TOKEN_TABLE",
            "TOKENIZER",
        ] {
            assert!(!is_sensitive_name(name), "{name}");
        }
    }

    #[test]
    fn values() {
        assert!(may_be_secret("hunter2"));
        for value in ["4096", "true", "/dev/lisa/key", "arn:aws:x", "${Secret}", ""] {
            assert!(!may_be_secret(value), "{value}");
        }
    }

    #[test]
    fn shapes() {
        for text in ["AKIAIOSFODNN7EXAMPLE", "x=sk-aaaabbbbccccddddeeee", "-----BEGIN RSA PRIVATE KEY-----"] {
            assert!(has_secret_shape(text), "{text}");
        }
        for text in
            ["task-definition-aaaabbbbccccddddeeee", "sk-short", "EurAKIA", "risk-aaaabbbbccccddddeeeeffff"]
        {
            assert!(!has_secret_shape(text), "{text}");
        }
    }
}

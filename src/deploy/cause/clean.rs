//! A reason without what only the service's own people can use: request ids, tokens, attempt counts, wrappers.

/// A reason, cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cleaned {
    /// What it says.
    pub text: String,
    /// The error code that stood in the noise. A service's own goes before the handler's.
    pub code: Option<String>,
}

/// What a parenthesis begins with that says nothing to the reader.
const NOISE: [&str; 4] = ["Service:", "RequestToken:", "SDK Attempt Count:", "Request ID:"];

/// What wraps a service's words.
const PREFIXES: [&str; 4] = [
    "Resource handler returned message:",
    "Invalid request provided:",
    "Error occurred during operation",
    "AccessDenied.",
];

/// What IAM's handler puts in front of any refusal of a request that has tags, whether it is about these or not.
/// Source: <https://github.com/data-dot-all/dataall/issues/1233>.
const TAGGING: &str = "Encountered a permissions error performing a tagging operation";

impl Cleaned {
    /// The reason cleaned; its own words are kept as they are.
    pub(super) fn of(reason: &str) -> Self {
        let text = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        let (text, noise) = without_noise(&text);
        let text = unwrapped(&without_blob(&text)).to_owned();
        let code = after(&noise, "Error Code: ").or_else(|| after(&noise, "HandlerErrorCode: "));
        let said = !(text.is_empty() || text == "null");
        let text = if said { text } else { format!("no reason is given ({})", code.unwrap_or("nor a code")) };
        Self { text, code: code.map(str::to_owned) }
    }

    /// The words and the code, as remedies are looked up by.
    pub(super) fn searched(&self) -> String {
        format!("{} {}", self.text, self.code.as_deref().unwrap_or_default()).to_lowercase()
    }
}

/// The text without its noisy parentheses, and those.
fn without_noise(text: &str) -> (String, String) {
    let (mut kept, mut noise, mut rest) = (String::new(), String::new(), text);
    while let Some(open) = rest.find('(') {
        let inside = &rest[open + 1..];
        if NOISE.iter().any(|start| inside.starts_with(start)) {
            let close = closing(inside).unwrap_or(inside.len());
            kept.push_str(rest[..open].trim_end());
            noise.push_str(&inside[..close]);
            noise.push_str("; ");
            rest = inside.get(close + 1..).unwrap_or_default();
        } else {
            kept.push_str(&rest[..=open]);
            rest = inside;
        }
    }
    kept.push_str(rest);
    (kept, noise)
}

/// Where the parenthesis that is open closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    text.char_indices().find_map(|(at, found)| {
        match found {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

/// The text without the encoded message that EC2 adds to a refusal.
fn without_blob(text: &str) -> String {
    const BLOB: &str = "Encoded authorization failure message:";
    let Some(at) = text.find(BLOB) else { return text.to_owned() };
    let in_blob = |found: char| found.is_ascii_alphanumeric() || found == '-' || found == '_';
    let rest = text[at + BLOB.len()..].trim_start().trim_start_matches(in_blob);
    format!("{}{rest}", text[..at].trim_end())
}

/// The innermost words, without wrappers, quotes around all of it, and the full stop at the end.
fn unwrapped(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let before = text;
        for prefix in PREFIXES {
            text = text.strip_prefix(prefix).map_or(text, str::trim_start);
        }
        text = text.trim_end_matches([' ', '.']);
        for quote in ['"', '\''] {
            let inner = text.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote));
            text = inner.map_or(text, str::trim);
        }
        text = without_call(text);
        if text == before {
            return text;
        }
    }
}

/// The text without what some handlers put in front: `DeleteClusters SDK Error: `, `API: iam:CreateRole `, and what an
/// Auto Scaling group says before the reason why a host did not start.
fn without_call(text: &str) -> &str {
    if let Some((_, words)) = text.split_once("Failed Scaling Activity: ") {
        return words;
    }
    if text.starts_with(TAGGING)
        && let Some((_, words)) = text.split_once(PREFIXES[0])
    {
        return words.trim_start();
    }
    if let Some((call, words)) = text.split_once(" SDK Error: ")
        && !call.contains(' ')
    {
        return words;
    }
    let call = text.strip_prefix("API: ").and_then(|rest| rest.split_once(' '));
    call.filter(|(_, words)| words.starts_with("User:")).map_or(text, |(_, words)| words)
}

/// The word after `label`, up to what ends a field.
fn after<'a>(noise: &'a str, label: &str) -> Option<&'a str> {
    let mut found = noise.match_indices(label).map(|(at, _)| at);
    // `HandlerErrorCode: ` has no space in front of `Error Code: `, so one label is never found in the other.
    let at = found.next()? + label.len();
    noise[at..].split([';', ',', ')', ' ']).next().filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::Cleaned;

    fn cleaned(reason: &str) -> (String, Option<String>) {
        let Cleaned { text, code } = Cleaned::of(reason);
        (text, code)
    }

    #[test]
    fn wrappers_ids_and_codes_go_and_words_stay() {
        let words = "Resource handler returned message: \"It is full (of 5) (Service: Ec2, Status Code: 400, Request ID: \
                     1-2) (SDK Attempt Count: 1)\" (RequestToken: 3-4, HandlerErrorCode: ServiceLimitExceeded)";
        assert_eq!(cleaned(words), ("It is full (of 5)".to_owned(), Some("ServiceLimitExceeded".to_owned())));
        let old = "It is full. (Service: AmazonEC2; Status Code: 400; Error Code: AddressLimitExceeded; Request ID: 1; Proxy: null)";
        assert_eq!(cleaned(old), ("It is full".to_owned(), Some("AddressLimitExceeded".to_owned())));
    }

    #[test]
    fn a_services_own_code_goes_before_the_handlers() {
        let both = "Resource handler returned message: \"Gone. (Service: S3; Error Code: NoSuchBucket; Request ID: 1)\" \
                    (RequestToken: 2, HandlerErrorCode: NotFound)";
        assert_eq!(cleaned(both).1.as_deref(), Some("NoSuchBucket"));
    }

    #[test]
    fn nothing_said_is_said_so_and_odd_texts_are_no_trouble() {
        let null = "Resource handler returned message: \"null\" (RequestToken: 1, HandlerErrorCode: InternalFailure)";
        assert_eq!(cleaned(null).0, "no reason is given (InternalFailure)");
        for odd in [
            "",
            "(",
            "\"",
            "(Service: (",
            "Encoded authorization failure message:",
            "'.'.'",
            "API: ",
            "é(RequestToken: ü",
        ] {
            let (text, _) = cleaned(odd);
            assert!(!text.contains("Service:") && !text.contains("RequestToken"), "{odd}: {text}");
        }
    }
}

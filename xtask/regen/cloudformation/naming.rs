//! CloudFormation's names as Rust spells them.

/// The words of a name: `DBInstanceARN` is `db instance arn`, `EnableDns64` is `enable dns64`.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (index, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let previous = index.checked_sub(1).map(|before| chars[before]);
        let next_is_lower = chars.get(index + 1).is_some_and(char::is_ascii_lowercase);
        let starts = c.is_ascii_uppercase()
            && previous.is_some_and(|p| {
                p.is_ascii_lowercase() || p.is_ascii_digit() || (p.is_ascii_uppercase() && next_is_lower)
            });
        if starts && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.push(c.to_ascii_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// `DBInstanceClass` -> `db_instance_class`; a Rust keyword gets a trailing underscore.
pub(super) fn snake(name: &str) -> String {
    let snake = words(name).join("_");
    match snake.as_str() {
        "type" | "ref" | "match" | "final" | "if" | "for" | "in" | "loop" | "mod" | "use" | "where"
        | "move" | "static" => {
            format!("{snake}_")
        }
        _ => snake,
    }
}

/// `DBInstance` -> `DbInstance`.
pub(super) fn camel(name: &str) -> String {
    words(name).iter().map(|word| capitalized(word)).collect()
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

/// An enumeration's text as a constant: `provided.al2023` -> `PROVIDED_AL2023`.
pub(super) fn constant(text: &str) -> String {
    let upper: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let name = if upper.chars().any(|c| c.is_ascii_lowercase()) && !upper.contains('_') {
        words(text).join("_")
    } else {
        upper
    };
    let name = name.trim_matches('_').to_ascii_uppercase();
    match name.chars().next() {
        None => "EMPTY".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("V_{name}"),
        Some(_) => name,
    }
}

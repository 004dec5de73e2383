//! Writes a JSON document as JSON or YAML text: keys sorted, two spaces, a newline at the end.

use std::fmt::Write as _;

use serde_json::Value as JsonValue;

/// How a template is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Indented JSON.
    #[default]
    Json,
    /// Block YAML with every string quoted as JSON quotes it, which YAML 1.1 and 1.2 read alike.
    Yaml,
}

pub(crate) fn write(document: &JsonValue, format: Format) -> String {
    let mut text = match format {
        Format::Json => format!("{document:#}"),
        Format::Yaml => {
            let mut text = String::new();
            yaml_block(document, 0, &mut text);
            text
        }
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Writes a container's lines at `depth`; the cursor is at the start of a line.
fn yaml_block(node: &JsonValue, depth: usize, text: &mut String) {
    match node {
        JsonValue::Object(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                indent(depth, text);
                yaml_key(key, text);
                text.push(':');
                yaml_after_colon(value, depth, text);
            }
        }
        JsonValue::Array(items) if !items.is_empty() => {
            for item in items {
                indent(depth, text);
                text.push('-');
                yaml_after_dash(item, depth, text);
            }
        }
        scalar => {
            indent(depth, text);
            yaml_scalar(scalar, text);
            text.push('\n');
        }
    }
}

fn yaml_after_colon(value: &JsonValue, depth: usize, text: &mut String) {
    if is_block(value) {
        text.push('\n');
        yaml_block(value, depth + 1, text);
    } else {
        text.push(' ');
        yaml_scalar(value, text);
        text.push('\n');
    }
}

/// Puts an item's first line behind its dash, where block YAML has it.
fn yaml_after_dash(item: &JsonValue, depth: usize, text: &mut String) {
    if is_block(item) {
        let mut inner = String::new();
        yaml_block(item, depth + 1, &mut inner);
        text.push(' ');
        text.push_str(inner.trim_start_matches(' '));
    } else {
        text.push(' ');
        yaml_scalar(item, text);
        text.push('\n');
    }
}

fn is_block(value: &JsonValue) -> bool {
    match value {
        JsonValue::Object(entries) => !entries.is_empty(),
        JsonValue::Array(items) => !items.is_empty(),
        _ => false,
    }
}

/// A key stands bare only where no YAML version reads it as anything but text.
fn yaml_key(key: &str, text: &mut String) {
    let plain = key.len() > 3
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == ':')
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && !key.ends_with(':')
        && !["true", "false", "null"].contains(&key.to_ascii_lowercase().as_str());
    if plain || key == "Ref" {
        text.push_str(key);
    } else {
        yaml_scalar(&JsonValue::from(key), text);
    }
}

/// JSON's spelling, with an escape for what JSON lets stand and YAML does not: control characters past ASCII's first
/// 32, the line breaks of YAML 1.1, the byte-order mark and the two that are no characters.
fn yaml_scalar(value: &JsonValue, text: &mut String) {
    for c in value.to_string().chars() {
        match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            printable => text.push(printable),
        }
    }
}

fn indent(depth: usize, text: &mut String) {
    for _ in 0..depth {
        text.push_str("  ");
    }
}

#[cfg(test)]
mod tests;

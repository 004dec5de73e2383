//! Other files that people write as YAML or JSON, such as a model request: read with the same care as a
//! configuration, and judged by whoever asked for them.

use serde_json::Value;

use crate::load::{Source, places};
use crate::locate::{Location, Places};
use crate::problem::Problems;
use crate::report::Report;
use crate::yaml;

/// A file's value, and where each part of it stands.
#[derive(Debug, Clone)]
pub struct Document {
    value: Value,
    places: Places,
}

/// Reads a YAML or JSON file; every trap of YAML that a configuration is guarded from is closed here, too.
pub fn document(source: &Source) -> Result<Document, Problems> {
    let mut report = Report::new(&source.text);
    match yaml::parse(&source.text, &mut report) {
        Some(tree) if !report.has_errors() => {
            Ok(Document { value: tree.to_json(), places: places(source, &tree) })
        }
        _ => Err(report.into_problems()),
    }
}

impl Document {
    /// The value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where the value of a path, such as `containerConfig.image`, or of its nearest parent stands.
    pub fn locate(&self, path: &str) -> Option<Location> {
        self.places.locate(path)
    }
}

#[cfg(test)]
mod tests {
    use super::document;
    use crate::load::Source;

    fn source(text: &str) -> Source {
        Source { name: "model.yaml".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn json_and_yaml_give_the_same_value() {
        let json = document(&source(r#"{"modelId": "mistral", "streaming": true}"#)).unwrap();
        let yaml = document(&source("modelId: mistral\nstreaming: true\n")).unwrap();
        assert_eq!(json.value(), yaml.value());
    }

    #[test]
    fn a_missing_key_is_located_at_its_parent() {
        let document = document(&source("modelId: mistral\nscaling:\n  max: 1\n")).unwrap();
        assert_eq!(document.locate("scaling.min").unwrap().line, 2);
        assert!(document.locate("absent").is_none());
    }

    #[test]
    fn broken_text_is_refused() {
        assert!(document(&source("modelId: [")).is_err());
    }
}

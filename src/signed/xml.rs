//! XML answers as a small tree of elements, read by path.

/// An element of an answer. Namespaces and attributes mean nothing in AWS's query protocols and are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name, without a prefix.
    pub name: String,
    /// Its own text, without white space around it.
    pub text: String,
    /// The elements in it, in order.
    pub children: Vec<Element>,
}

/// Text that is no XML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no XML: {0}")]
pub struct NotXml(String);

impl Element {
    /// Reads a document and returns its root.
    pub fn parse(text: &str) -> Result<Self, NotXml> {
        let document = roxmltree::Document::parse(text).map_err(|error| NotXml(error.to_string()))?;
        Ok(Self::from_node(document.root_element()))
    }

    fn from_node(node: roxmltree::Node<'_, '_>) -> Self {
        Self {
            name: node.tag_name().name().to_owned(),
            text: node.text().unwrap_or_default().trim().to_owned(),
            children: node.children().filter(roxmltree::Node::is_element).map(Self::from_node).collect(),
        }
    }

    /// The first element at a path of names: `GetCallerIdentityResult/Account`.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('/')
            .try_fold(self, |element, name| element.children.iter().find(|child| child.name == name))
    }

    /// The text of the first element at a path; none where there is no such element or it is empty.
    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).map(|element| element.text.as_str()).filter(|text| !text.is_empty())
    }

    /// The elements of a list, such as `subnetSet`, whatever they are called in it: `item`, `member`.
    pub fn items(&self, path: &str) -> &[Self] {
        self.at(path).map_or(&[], |list| &list.children)
    }

    /// The first element of this name at any depth, this one included.
    pub fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}

#[cfg(test)]
mod tests {
    use super::Element;

    #[test]
    fn an_answer_is_read_by_path() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?>
            <DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
              <subnetSet>
                <item><subnetId>subnet-1</subnetId><note>a &amp; b</note></item>
                <item><subnetId>subnet-2</subnetId><note/></item>
              </subnetSet>
            </DescribeSubnetsResponse>"#;
        let answer = Element::parse(text).unwrap();
        let ids: Vec<_> =
            answer.items("subnetSet").iter().filter_map(|item| item.text_at("subnetId")).collect();
        assert_eq!(ids, ["subnet-1", "subnet-2"]);
        assert_eq!(answer.text_at("subnetSet/item/note"), Some("a & b"));
        assert_eq!(answer.items("subnetSet")[1].text_at("note"), None);
        assert_eq!(answer.find("subnetId").unwrap().text, "subnet-1");
        assert!(answer.items("nothing/here").is_empty());
    }

    #[test]
    fn other_text_is_refused() {
        assert!(Element::parse("{\"not\": \"xml\"}").is_err());
    }
}

//! A part of an office document as events, with elements named without their prefix.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::error::ExtractError;
use crate::format::Format;
use crate::limits::Budget;
use crate::xml::{entity, unescaped};

/// What a part holds, one after the other. Elements that are empty begin and end.
pub(super) enum Item<'a> {
    Start(&'a str, &'a Attributes<'a>),
    End(&'a str),
    Text(&'a str),
}

/// The attributes of an element.
pub(super) struct Attributes<'a>(&'a BytesStart<'a>);

impl Attributes<'_> {
    /// The value of the attribute of this name, without its prefix.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let attributes = self.0.attributes().flatten();
        let mut named = attributes.filter(|attribute| attribute.key.local_name().as_ref() == name);
        named.next().map(|attribute| unescaped(&attribute.value))
    }

    /// The value of the attribute of this name with its prefix.
    pub(super) fn qualified(&self, name: &str) -> Option<String> {
        let mut named = self.0.attributes().flatten().filter(|attribute| attribute.key.as_ref() == name);
        named.next().map(|attribute| unescaped(&attribute.value))
    }
}

/// Passes all items of a part on.
pub(super) fn each(
    text: &str,
    format: Format,
    budget: &mut Budget,
    mut take: impl FnMut(&Item<'_>, &mut Budget) -> Result<(), ExtractError>,
) -> Result<(), ExtractError> {
    let mut reader = Reader::from_str(text);
    let mut depth = 0_usize;
    loop {
        let event = reader.read_event().map_err(|error| ExtractError::broken(format, error.to_string()))?;
        match event {
            Event::Start(element) => {
                depth += 1;
                budget.depth(depth)?;
                budget.object()?;
                take(&Item::Start(element.local_name().as_ref(), &Attributes(&element)), budget)?;
            }
            Event::Empty(element) => {
                budget.object()?;
                take(&Item::Start(element.local_name().as_ref(), &Attributes(&element)), budget)?;
                take(&Item::End(element.local_name().as_ref()), budget)?;
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                take(&Item::End(element.local_name().as_ref()), budget)?;
            }
            Event::Text(text) => take(&Item::Text(&text), budget)?,
            Event::CData(text) => take(&Item::Text(&text), budget)?,
            Event::GeneralRef(reference) => take(&Item::Text(&entity(&reference)), budget)?,
            Event::Eof if depth == 0 => return Ok(()),
            Event::Eof => return Err(ExtractError::broken(format, "a part of it ends in the middle")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => budget.step()?,
        }
    }
}

/// What a part refers to: paths within the archive by their ids. `part` is the part's own path.
pub(super) fn relations(
    part: &str,
    text: &str,
    format: Format,
    budget: &mut Budget,
) -> Result<BTreeMap<String, String>, ExtractError> {
    let folder = part.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
    let mut relations = BTreeMap::new();
    each(text, format, budget, |item, _| {
        if let Item::Start("Relationship", attributes) = item
            && let (Some(id), Some(target)) = (attributes.get("Id"), attributes.get("Target"))
            && attributes.get("TargetMode").as_deref() != Some("External")
        {
            relations.insert(id, resolve(folder, &target));
        }
        Ok(())
    })?;
    Ok(relations)
}

/// Where a part's relations are kept.
pub(super) fn relations_of(part: &str) -> String {
    match part.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/_rels/{name}.rels"),
        None => format!("_rels/{part}.rels"),
    }
}

fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').collect();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => drop(path.pop()),
            step => path.push(step),
        }
    }
    path.join("/")
}

//! What is held in memory of a collection: per chunk its vector as 8-bit numbers and its length, at a place of its own.

use std::collections::HashMap;

use rusqlite::Connection;

use super::scan::Scan;
use super::schema;
use super::words::{self, Words};
use crate::store::Entry;

/// A collection as it was at a version. Places run from zero to the number of chunks.
#[derive(Debug)]
pub(super) struct Held {
    /// The version.
    pub(super) version: i64,
    /// The vectors by place.
    pub(super) scan: Scan,
    /// The lengths by place.
    pub(super) words: Words,
    /// Keys by place.
    keys: Vec<i64>,
    /// Places by key.
    places: HashMap<i64, usize>,
}

/// For each place whether a search may find what is there.
pub(super) type Allowed = Vec<bool>;

impl Held {
    /// Reads a collection.
    pub(super) fn load(
        connection: &Connection,
        collection: i64,
        dimension: usize,
        version: i64,
    ) -> Result<Self, rusqlite::Error> {
        let (scan, words) = (Scan::new(dimension), Words::default());
        let mut held = Self { version, scan, words, keys: Vec::new(), places: HashMap::new() };
        schema::each(connection, collection, |key, length, vector| held.push(key, length, vector))?;
        Ok(held)
    }

    /// Does to it what was done to the collection.
    pub(super) fn follow(&mut self, version: i64, removed: &[i64], added: &[i64], entries: &[Entry]) {
        self.words.forget();
        for key in removed {
            self.remove(*key);
        }
        for (key, Entry { chunk, vector }) in added.iter().zip(entries) {
            self.push(*key, words::length(chunk), vector);
        }
        self.version = version;
    }

    fn push(&mut self, key: i64, length: u32, vector: &[f32]) {
        self.places.insert(key, self.keys.len());
        self.keys.push(key);
        self.scan.push(vector);
        self.words.push(length);
    }

    /// The last one takes the place of what is removed.
    fn remove(&mut self, key: i64) {
        let Some(place) = self.places.remove(&key) else { return };
        self.keys.swap_remove(place);
        if let Some(moved) = self.keys.get(place) {
            self.places.insert(*moved, place);
        }
        self.scan.swap_remove(place);
        self.words.swap_remove(place);
    }

    /// The key of what is at a place.
    pub(super) fn key(&self, place: usize) -> i64 {
        self.keys[place]
    }

    /// Where a chunk is, by its key.
    pub(super) fn place(&self, key: i64) -> Option<usize> {
        self.places.get(&key).copied()
    }

    /// The places of some chunks.
    pub(super) fn allowed(&self, keys: &[i64]) -> Allowed {
        let mut allowed = vec![false; self.keys.len()];
        for place in keys.iter().filter_map(|key| self.place(*key)) {
            allowed[place] = true;
        }
        allowed
    }
}

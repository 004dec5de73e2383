//! `.dockerignore`: which files of a context the engine is not sent.
//!
//! The rules are Docker's own and not git's: a pattern begins at the context's root, the last one that matches wins,
//! and `!` takes a file back even below a directory that is left out.

mod glob;

use std::path::Path;

use self::glob::Glob;

/// What `.dockerignore` says.
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

/// One of its lines.
#[derive(Clone, Debug)]
struct Pattern {
    glob: Glob,
    /// Whether it takes files back.
    back: bool,
}

/// A line that means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub fault: &'static str,
}

impl Ignore {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, BadLine> {
        let text = text.trim_start_matches('\u{feff}');
        let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
        let mut patterns = Vec::new();
        for (index, line) in lines {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let bad = |fault| BadLine { line: index + 1, fault };
            let (back, path) = match line.strip_prefix('!') {
                Some(path) => (true, path.trim()),
                None => (false, line),
            };
            if path.is_empty() {
                return Err(bad("a `!` alone takes nothing back"));
            }
            let glob = Glob::new(&clean(path)).ok_or_else(|| bad("the pattern is malformed"))?;
            patterns.push(Pattern { glob, back });
        }
        Ok(Self { patterns })
    }

    /// Whether a path, relative to the context with `/` between its parts, is left out.
    pub fn leaves_out(&self, path: &str) -> bool {
        let mut out = false;
        for pattern in &self.patterns {
            // A pattern that would say what is said already need not be asked.
            if pattern.back == out && pattern.matches(path) {
                out = !pattern.back;
            }
        }
        out
    }

    /// Whether a directory that is left out may hold files that are not.
    pub fn takes_back(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.back)
    }
}

impl Pattern {
    /// Whether it matches the path, or a directory that the path lies in.
    fn matches(&self, path: &str) -> bool {
        let parents = path.match_indices('/').map(|(at, _)| &path[..at]).filter(|parent| !parent.is_empty());
        self.glob.matches(path) || parents.into_iter().any(|parent| self.glob.matches(parent))
    }
}

/// A pattern's path in its shortest form, relative to the root.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Reads `.dockerignore` of a context; without one, nothing is left out.
pub(crate) fn of_context(directory: &Path) -> Result<Ignore, crate::ContainerError> {
    let path = directory.join(".dockerignore");
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Ignore::default()),
        text => text.map_err(crate::ContainerError::read(&path))?,
    };
    Ignore::parse(&text).map_err(|BadLine { line, fault }| crate::ContainerError::Ignore {
        path,
        line,
        fault,
    })
}

#[cfg(test)]
mod tests;

//! Every dependency may be shipped under a licence that `deny.toml` allows.

use std::fs;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{Findings, Scene};

#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

pub(super) fn check(scene: &Scene<'_>, findings: &mut Findings) -> Result<usize> {
    let text =
        fs::read_to_string(scene.workspace.root.join("deny.toml")).context("could not read `deny.toml`")?;
    let deny: Deny = toml::from_str(&text).context("could not understand `deny.toml`")?;
    let mut seen = 0;
    for package in scene.metadata.external() {
        seen += 1;
        let Some(expression) = &package.license else {
            findings.error(format!("{} {} names no licence", package.name, package.version));
            continue;
        };
        if !permits(expression, &deny.licenses.allow) {
            findings.error(format!("{} {} is under `{expression}`", package.name, package.version));
        }
    }
    Ok(seen)
}

/// Whether an SPDX expression can be met with allowed licences. `/` is the old spelling of `OR`.
fn permits(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words, allowed };
    parser.any() && parser.words.is_empty()
}

/// Evaluates as it reads: `any` is a chain of OR, `all` a chain of AND, `one` a licence or a group.
struct Parser<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl Parser<'_> {
    fn any(&mut self) -> bool {
        let mut verdict = self.all();
        while self.take("OR") {
            let next = self.all();
            verdict = verdict || next;
        }
        verdict
    }

    fn all(&mut self) -> bool {
        let mut verdict = self.one();
        while self.take("AND") {
            let next = self.one();
            verdict = verdict && next;
        }
        verdict
    }

    fn one(&mut self) -> bool {
        if self.take("(") {
            let verdict = self.any();
            return self.take(")") && verdict;
        }
        let Some((first, rest)) = self.words.split_first() else { return false };
        self.words = rest;
        let mut licence = (*first).to_owned();
        if self.take("WITH")
            && let Some((exception, rest)) = self.words.split_first()
        {
            self.words = rest;
            licence = format!("{licence} WITH {exception}");
        }
        self.allowed.contains(&licence)
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::permits;

    #[test]
    fn expressions() {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("GPL-3.0 OR MIT", true),
            ("MIT AND GPL-3.0", false),
            ("MIT/Apache-2.0", true),
            ("(MIT OR GPL-3.0) AND Apache-2.0", true),
            ("MIT AND (GPL-3.0 OR Zlib)", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT nonsense", false),
        ] {
            assert_eq!(permits(expression, &allowed), expected, "{expression}");
        }
    }
}

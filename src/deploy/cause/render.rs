//! A cause for people: first the cause, then what to do, then the rest folded.

use std::fmt;

use super::{Cause, Fold, Folded};

/// How many failures are told one by one before they are counted.
const TOLD: usize = 3;

impl Cause {
    /// The first line: resource, reason, and the line of the configuration.
    pub fn headline(&self) -> String {
        let Self { stack, reason, .. } = self;
        let at = self.logical_id.as_ref().map_or_else(|| stack.clone(), |id| format!("{stack}/{id}"));
        format!("{at}: {reason}{}", self.place())
    }

    /// The line of the configuration; a key that stands in no file is left to the remedy.
    fn place(&self) -> String {
        let found = self.config.as_ref().and_then(|place| Some((&place.path, place.location.as_ref()?)));
        found.map_or_else(String::new, |(path, at)| {
            format!(" (`{path}` at {}:{}:{})", at.file, at.line, at.column)
        })
    }

    /// What is folded, a line each: the failures of their own that matter, and how many were cancelled.
    pub fn rest(&self) -> Vec<String> {
        let of = |how: Fold| self.folded.iter().filter(move |folded| folded.how == how);
        let began = self.began.iter().map(|began| format!("the rollback began with {began}"));
        let failed = of(Fold::Failed).take(TOLD).map(|folded| format!("also failed: {folded}"));
        let more = of(Fold::Failed).count().saturating_sub(TOLD);
        let counted = [
            (more > 0).then(|| format!("… and {more} more that failed")),
            match of(Fold::Cancelled).count() {
                0 => None,
                1 => Some("… and 1 more that was cancelled".to_owned()),
                count => Some(format!("… and {count} more that were cancelled")),
            },
        ];
        began.chain(failed).chain(counted.into_iter().flatten()).collect()
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        writeln!(f, "  {}", self.remedy.text)?;
        let physical = self.physical_id.as_deref().filter(|id| !self.reason.contains(id));
        match (&self.kind, physical) {
            (Some(kind), Some(id)) => writeln!(f, "  It is the {kind} `{id}`.")?,
            (Some(kind), None) => writeln!(f, "  It is of the type {kind}.")?,
            (None, _) => {}
        }
        self.log.iter().try_for_each(|line| writeln!(f, "  | {line}"))?;
        self.rest().iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

impl fmt::Display for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.logical_id, self.reason)
    }
}

//! A report in plain words, grouped by control.

use std::fmt;

use crate::control::control;
use crate::report::{Finding, Report, Verdict};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open: Vec<&Finding> = self.open().collect();
        for group in open.chunk_by(|a, b| a.rule == b.rule) {
            write_group(f, group)?;
        }
        self.write_waived(f)?;
        self.write_relaxed(f)?;
        self.write_summary(f, open.len())
    }
}

fn write_group(f: &mut fmt::Formatter<'_>, group: &[&Finding]) -> fmt::Result {
    let Some(first) = group.first() else {
        return Ok(());
    };
    let title = crate::rule(first.rule)
        .map(|rule| rule.title)
        .or(control(first.control).map(|control| control.title));
    writeln!(f, "{}  {}", first.rule, title.unwrap_or("A waiver needs attention"))?;
    for finding in group {
        let place = if finding.path.is_empty() { String::new() } else { format!("{} ", finding.path) };
        writeln!(f, "    {}  {place}{}", finding.resource(), finding.message)?;
    }
    writeln!(f, "  why     {}", first.why)?;
    writeln!(f, "  remedy  {}\n", first.remedy)
}

impl Report {
    fn write_waived(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (finding, waived) in self.waived() {
            if first {
                writeln!(f, "Waived:")?;
                first = false;
            }
            let place = finding.resource();
            writeln!(
                f,
                "    {}  {place}  until {} by {}: {}",
                finding.rule, waived.expires, waived.owner, waived.reason
            )?;
        }
        if first { Ok(()) } else { writeln!(f) }
    }

    fn write_relaxed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.relaxed.is_empty() {
            return Ok(());
        }
        let removal = self.relaxed.iter().any(|relaxed| relaxed.by_removal_policy);
        let and_removal = if removal { " and by `removalPolicy: destroy`" } else { "" };
        writeln!(f, "Relaxed by the profile `{}`{and_removal}:", self.profile)?;
        for relaxed in &self.relaxed {
            let resources = relaxed.resources.len();
            write!(f, "    {}  {}: {}", relaxed.rule, relaxed.title, count(resources, "resource"))?;
            let retained = if relaxed.by_removal_policy { " and with `removalPolicy: retain`" } else { "" };
            writeln!(f, ", enforced from `{}`{retained}{}", relaxed.from, Cost(relaxed.cost))?;
        }
        writeln!(f)
    }

    fn write_summary(&self, f: &mut fmt::Formatter<'_>, open: usize) -> fmt::Result {
        let evaluated = &self.evaluated;
        match self.verdict {
            Verdict::Clean => write!(f, "No finding")?,
            Verdict::Refused => write!(f, "{}", count(open, "finding"))?,
            Verdict::Empty => write!(f, "Nothing was checked")?,
        }
        write!(f, " in {} of {}", count(evaluated.resources, "resource"), count(evaluated.stacks, "stack"))?;
        write!(
            f,
            " ({} of {} rules had something to judge",
            evaluated.rules_with_resources, evaluated.rules
        )?;
        write!(f, "; profile `{}`)", self.profile)
    }
}

struct Cost(Option<&'static str>);

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |cost| write!(f, " (costs {cost})"))
    }
}

fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

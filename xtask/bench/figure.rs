//! A figure beside what is promised of it, where rows of CPU time and memory do not say it.

use crate::say;

/// A figure and what is promised of it.
pub(super) struct Figure {
    name: &'static str,
    value: f64,
    unit: &'static str,
    budget: Budget,
}

/// What is promised.
pub(super) enum Budget {
    AtMost(f64),
    AtLeast(f64),
    None,
}

pub(super) fn figure(name: &'static str, value: f64, unit: &'static str, budget: Budget) -> Figure {
    Figure { name, value, unit, budget }
}

/// Prints figures, and says whether every promise is kept.
pub(super) fn tell(figures: Vec<Figure>) -> bool {
    let mut kept = true;
    for Figure { name, value, unit, budget } in figures {
        let (is_kept, told) = match budget {
            Budget::AtMost(most) => (value <= most, format!("at most {most}")),
            Budget::AtLeast(least) => (value >= least, format!("at least {least}")),
            Budget::None => (true, String::new()),
        };
        kept &= is_kept;
        let verdict = if is_kept { "" } else { "  NOT KEPT" };
        say::line(format_args!("{name:<56} {value:>10.2} {unit:<12} {told}{verdict}"));
    }
    kept
}

//! How problems are drawn for people: file, line, column, the text underlined, what to write instead.
//!
//! The only place that knows miette. Without colour the drawing is plain ASCII, for logs and old terminals.

use std::fmt::{self, Display, Write as _};

use lisa_config::{Problem, Severity, Source};
use lisa_deploy::cause::Cause;
use lisa_stacks::{SynthError, SynthErrors};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use textwrap::WordSplitter;

use crate::commands::doctor::Findings;
use crate::failure::Failure;
use crate::printer::Count;

/// How drawings look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Whether there may be colour and line-drawing characters.
    pub(crate) colour: bool,
    /// Columns.
    pub(crate) width: usize,
}

/// What is doubtful about a configuration that is accepted.
pub(crate) struct Warnings<'a> {
    /// The file.
    pub(crate) source: &'a Source,
    /// Its warnings.
    pub(crate) problems: &'a [Problem],
}

impl Warnings<'_> {
    /// The warnings as text, one below the other, with an empty line at the end of each.
    pub(crate) fn drawn(&self, look: Look) -> String {
        let text = draw_all(self.source, self.problems, look);
        text.strip_suffix('\n').map_or(text.clone(), str::to_owned)
    }
}

/// A failure as text for people, without a newline at the end.
pub(crate) fn drawn(failure: &Failure, look: Look) -> String {
    let text = match failure {
        Failure::Config { source, problems } => {
            let counts = Counts::of(&problems.0);
            format!("{}{}: {counts}", draw_all(source, &problems.0, look), source.name)
        }
        Failure::Synth { source, errors } => draw_synth(source, errors, look),
        Failure::Policy { report } => {
            let help = "Fix what it names, waive it under `policyWaivers`, or pass `--no-check`.";
            format!("{report}\n{}", draw(&Drawing::plain(&failure.message(), Some(help)), look))
        }
        Failure::Deploy { causes, .. } if !causes.is_empty() => draw_causes(causes, look),
        Failure::Doctor { findings } => {
            let help = "Do what it says, then run the command again; `lisa doctor` looks at everything.";
            format!(
                "{}\n{}",
                Findings(findings.clone()),
                draw(&Drawing::plain(&failure.message(), Some(help)), look)
            )
        }
        _ => draw(&Drawing::plain(&failure.message(), failure.help()), look),
    };
    text.trim_end().to_owned()
}

/// How many errors and warnings there are.
pub(crate) struct Counts {
    errors: usize,
    warnings: usize,
}

impl Counts {
    pub(crate) fn of(problems: &[Problem]) -> Self {
        let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        Self { errors, warnings: problems.len() - errors }
    }
}

impl Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.errors, self.warnings) {
            (0, warnings) => Count(warnings, "warning").fmt(f),
            (errors, 0) => Count(errors, "error").fmt(f),
            (errors, warnings) => write!(f, "{}, {}", Count(errors, "error"), Count(warnings, "warning")),
        }
    }
}

fn draw_all(source: &Source, problems: &[Problem], look: Look) -> String {
    let text = text_of(source);
    let drawings = problems.iter().map(|problem| draw(&Drawing::of(problem, &text), look));
    drawings.fold(String::new(), |mut all, drawing| {
        let _ = writeln!(all, "{}\n", drawing.trim_end());
        all
    })
}

fn draw_synth(source: &Source, errors: &SynthErrors, look: Look) -> String {
    let text = text_of(source);
    let mut all = String::new();
    for error in &errors.0 {
        let drawing = draw(&Drawing::of_synth(error, &text), look);
        let _ = writeln!(all, "{}\n", drawing.trim_end());
    }
    let _ = write!(all, "{}: {}", source.name, Count(errors.0.len(), "error"));
    all
}

/// The causes as they are: the first line is the one that counts, and none is broken by a margin.
fn draw_causes(causes: &[Cause], look: Look) -> String {
    let text: Vec<String> = causes.iter().map(|cause| cause.to_string().trim_end().to_owned()).collect();
    let text = text.join("\n");
    match text.split_once('\n') {
        Some((first, rest)) if look.colour => format!("\u{1b}[1;31m{first}\u{1b}[0m\n{rest}"),
        _ => text,
    }
}

/// What a template is refused for without a key of the configuration that leads there.
const NO_KEY: &str = "No key of the file sets this: it is a mistake in LISA. Please report it with the file.";

fn draw(drawing: &Drawing<'_>, look: Look) -> String {
    let theme = if look.colour { GraphicalTheme::unicode() } else { GraphicalTheme::none() };
    // Flags such as `--no-check` and the paths of keys are broken nowhere.
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(look.width)
        .with_context_lines(1)
        .with_break_words(false)
        .with_word_splitter(WordSplitter::NoHyphenation);
    let mut text = String::new();
    match handler.render_report(&mut text, drawing) {
        Ok(()) => text,
        // A span that miette cannot place still has a message.
        Err(fmt::Error) => format!("{drawing}\n"),
    }
}

/// One thing to draw.
#[derive(Debug)]
struct Drawing<'a> {
    severity: miette::Severity,
    code: Option<&'a str>,
    message: String,
    help: Option<&'a str>,
    text: Option<&'a Text>,
    labels: Vec<LabeledSpan>,
}

/// A file as miette reads it.
type Text = NamedSource<String>;

fn text_of(source: &Source) -> Text {
    NamedSource::new(&source.name, source.text.clone())
}

impl<'a> Drawing<'a> {
    fn plain(message: &str, help: Option<&'a str>) -> Self {
        let message = message.to_owned();
        Self { severity: miette::Severity::Error, code: None, message, help, text: None, labels: Vec::new() }
    }

    fn of(problem: &'a Problem, text: &'a Text) -> Self {
        let label = Some(problem.label.clone()).filter(|label| !label.is_empty());
        let main = problem.span.clone().map(|span| LabeledSpan::new_primary_with_span(label, span));
        let related = problem.related.iter().map(|(span, label)| LabeledSpan::at(span.clone(), label));
        let severity = match problem.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        };
        Self {
            severity,
            code: Some(problem.rule),
            message: problem.message.clone(),
            help: problem.help.as_deref(),
            text: Some(text),
            labels: main.into_iter().chain(related).collect(),
        }
    }

    fn of_synth(error: &'a SynthError, text: &'a Text) -> Self {
        match error {
            SynthError::Property { stack, violation, location } => {
                let label = |at: &lisa_config::Location| {
                    LabeledSpan::new_primary_with_span(Some("set here".to_owned()), at.span.clone())
                };
                let labels = location.iter().map(label).collect();
                let help = if location.is_none() { Some(NO_KEY) } else { None };
                Self { text: Some(text), labels, ..Self::plain(&format!("{stack}/{violation}"), help) }
            }
            SynthError::Capability { stack, missing, help } => {
                Self::plain(&format!("stack `{stack}`: {missing}"), Some(help))
            }
        }
    }
}

impl Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawing<'_> {}

impl Diagnostic for Drawing<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn code(&self) -> Option<Box<dyn Display + '_>> {
        self.code.map(|code| Box::new(code) as Box<dyn Display>)
    }

    fn help(&self) -> Option<Box<dyn Display + '_>> {
        self.help.map(|help| Box::new(help) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }
}

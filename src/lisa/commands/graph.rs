//! `lisa graph`: a picture of the stacks, or of one stack's resources.

use std::fmt;

use clap::{Args, ValueEnum};
use lisa_stacks::graph::{self, GraphFormat};
use serde::{Serialize, Serializer};

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::{input, select};

const EXAMPLES: &str = "Examples:
  lisa graph --format svg > stacks.svg
  lisa graph --format svg --stack serve > serve.svg
  lisa graph --format mermaid               to paste into Markdown
  lisa graph --format dot | dot -Tpdf > stacks.pdf";

/// Draw the stacks, or one stack's resources
///
/// An arrow points from what is needed to what needs it. Pictures leave out arrows that a longer way implies; JSON
/// has them all.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Graph {
    /// Form of the graph
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Draw the resources of this stack
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
}

/// Form of a graph.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    /// A Mermaid flowchart.
    #[default]
    Mermaid,
    /// Graphviz.
    Dot,
    /// A picture.
    Svg,
    /// Nodes and edges.
    Json,
}

/// A graph in its form; as data it is nodes and edges, whatever the form.
struct Drawing {
    graph: graph::Graph,
    format: GraphFormat,
}

impl Graph {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let app = input.synthesize()?;
        let graph = match &self.stack {
            None => graph::Graph::of_app(&lisa_stacks::Naming::new(&input.config).prefix(), &app),
            Some(name) => {
                let stacks = select::stacks(&app, &input.config, std::slice::from_ref(name))?;
                let graph = stacks.first().map(|stack| graph::Graph::of_stack(stack));
                graph.ok_or_else(|| {
                    Failure::usage(format!("there is no stack `{name}`"), "`lisa list` lists them.")
                })?
            }
        };
        printer.answer(&Drawing { graph, format: self.format.into() })?;
        Ok(Exit::Done)
    }
}

impl From<Form> for GraphFormat {
    fn from(form: Form) -> Self {
        match form {
            Form::Mermaid => Self::Mermaid,
            Form::Dot => Self::Dot,
            Form::Svg => Self::Svg,
            Form::Json => Self::Json,
        }
    }
}

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.graph.to_text(self.format))
    }
}

impl Serialize for Drawing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.graph.serialize(serializer)
    }
}

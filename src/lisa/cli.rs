//! The command line: the commands and the flags that all of them share. A command's own flags lie with it.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    bootstrap, build, bundle, cert, check, completions, deploy, destroy, diff, doctor, graph, image, init,
    list, local, logs, man, model, outputs, rag, schema, status, synth, token, usage, validate,
};
use crate::exit::{self, Exit};
use crate::{environment, exit::Exit::Usage};

/// Large language models in your own AWS account
///
/// One config.yaml becomes the CloudFormation of a whole LISA deployment: validated, checked against security rules,
/// in any AWS partition.
#[derive(Debug, Parser)]
#[command(name = "lisa", version, max_term_width = 100, after_help = after_help(), propagate_version = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// Config file; `-` reads standard input
    #[arg(short, long, global = true, value_name = "FILE", default_value = "config.yaml")]
    pub(crate) config: PathBuf,
    /// Environment block of the config, instead of its own `env`
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// Take keys that are not known with a warning
    #[arg(long, global = true)]
    pub(crate) allow_unknown: bool,
    /// How results are shown
    #[arg(long, global = true, value_name = "FORM", value_enum, default_value_t)]
    pub(crate) output: Output,
    /// Say nothing but results and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// How results are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// As text for people.
    #[default]
    Human,
    /// As JSON for programs.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Validate(validate::Validate),
    Schema(schema::Schema),
    Init(Box<init::Init>),
    Synth(synth::Synth),
    List(list::List),
    Graph(graph::Graph),
    Model(model::Model),
    Check(check::Check),
    Doctor(doctor::Doctor),
    Build(build::Build),
    Image(image::Image),
    Bundle(bundle::Bundle),
    Bootstrap(bootstrap::Bootstrap),
    Diff(diff::Diff),
    Deploy(Box<deploy::Deploy>),
    Destroy(destroy::Destroy),
    Status(status::Status),
    Outputs(outputs::Outputs),
    Logs(logs::Logs),
    Token(token::Token),
    Usage(usage::Usage),
    Cert(cert::Cert),
    Local(local::Local),
    Rag(rag::Rag),
    Completions(completions::Completions),
    Man(man::Man),
}

fn after_help() -> &'static str {
    static HELP: LazyLock<String> = LazyLock::new(|| {
        format!(
            "Environment variables:\n{}\n\nExit codes:\n{}\n\nExamples:\n  \
             lisa init                     write a config.yaml by answering questions\n  \
             lisa validate                 find everything that is wrong with it\n  \
             lisa synth                    write CloudFormation templates to lisa.out/\n  \
             lisa doctor                   find what would make a deployment fail\n  \
             lisa deploy                   deploy it, and see that it answers",
            environment::HELP,
            exit::Table
        )
    });
    &HELP
}

/// Prints what clap has to say: help and version to standard output, a misuse to standard error.
pub(crate) fn print_answer(answer: &clap::Error) -> Exit {
    // A reader that went away needs no help text.
    let _ = answer.print();
    if answer.use_stderr() { Usage } else { Exit::Done }
}

//! `lisa bundle`: everything that a deployment needs, in one archive.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use lisa_cfn::Format;
use lisa_containers::bundle::{self, Contents};
use lisa_deploy::assets::{self, Made};
use lisa_stacks::manifest::{self, Manifest};
use serde::Serialize;

use super::build::{self, Place};
use super::deploy::page;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::printer::{Count, Printer};
use crate::world;

const EXAMPLES: &str = "Examples:
  lisa bundle                            to lisa-bundle.tar
  lisa bundle --file /media/lisa.tar     elsewhere
  lisa deploy --bundle lisa-bundle.tar   on the other side";

/// Pack everything that a deployment needs into one archive
///
/// Holds packages, images, the web page, the templates and the schema of the configuration, each file with its hash.
/// Images that hosts would pull from a registry outside the account are fetched and packed too. `lisa deploy --bundle`
/// needs nothing else, and no network but the partition's own.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bundle {
    /// The archive to write
    #[arg(long, value_name = "FILE", default_value = "lisa-bundle.tar")]
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// What was packed.
#[derive(Serialize)]
struct Packed {
    #[serde(flatten)]
    written: bundle::Written,
    assets: Vec<Made>,
}

impl Bundle {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let mut input = input::load_and_warn(globals, printer)?;
        assets::carry_images(&mut input.config);
        let wanted = build::wanted(&input, globals)?;
        let workshop = self.place.workshop(Vec::new())?;
        let made = world::run(build::made(&workshop, &wanted, printer))?;
        let mut files = texts(&input, &made)?;
        if input.config.deploy_ui {
            let page = page::read(&input.config, build::base(globals))?;
            files.extend(page.into_iter().map(|(path, bytes)| (format!("{}{path}", bundle::PAGE), bytes)));
        }
        let contents = Contents { store: workshop.store(), made: &made, files: &files };
        let written = bundle::write(&self.file, &contents).map_err(|error| build::broken(&error))?;
        printer.confirm(&Packed { written, assets: made })?;
        Ok(Exit::Done)
    }
}

/// Templates that name what was made, their list, and the configuration's schema.
fn texts(input: &Input, made: &[Made]) -> Result<BTreeMap<String, Bytes>, Failure> {
    let app = lisa_stacks::synthesize(&input.config, &assets::names(made));
    let app = app.map_err(|errors| input.refused(errors))?;
    let texts = manifest::texts(&app, Format::Json);
    let manifest = Manifest::of_texts(&input.config, &app, Format::Json, &texts);
    let mut files = BTreeMap::from([
        ("config.schema.json".to_owned(), json(&lisa_config::schema())),
        ("templates/manifest.json".to_owned(), json(&manifest)),
    ]);
    for (stack, text) in manifest.stacks.iter().zip(texts) {
        files.insert(format!("templates/{}", stack.template_file), Bytes::from(text));
    }
    Ok(files)
}

fn json(value: &impl Serialize) -> Bytes {
    // Keys are text and numbers finite in both.
    serde_json::to_vec_pretty(value).unwrap_or_default().into()
}

impl fmt::Display for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle::Written { file, size, sha256, files } = &self.written;
        let (assets, files) = (Count(self.assets.len(), "asset"), Count(*files, "file"));
        let size = crate::progress::bytes(*size);
        write!(f, "packed {assets} in {files}, {size}, into {}\nsha256 {sha256}", file.display())
    }
}

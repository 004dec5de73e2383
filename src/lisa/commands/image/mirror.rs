//! `lisa image mirror`: copies images into the account's registry, by digest.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use lisa_config::Config;
use lisa_config::section::image::Image;
use lisa_containers::mirror::{self, Source};
use lisa_containers::{ContainerError, Layout, Remote, Store};
use lisa_deploy::assets::Architecture;
use lisa_deploy::event::{AssetStep, Event};
use lisa_deploy::ports::registry::Login;
use lisa_stacks::{Naming, bootstrap};
use serde::Serialize;

use crate::cli::Globals;
use crate::commands::build;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::printer::Printer;
use crate::world::{self, Session};

const EXAMPLES: &str = "Examples:
  lisa image mirror                                  every `registry` image of the config
  lisa image mirror docker.io/vllm/vllm-openai:v0.6.3";

/// Copy images of other registries into the account's own
///
/// Copies the image for linux/amd64 with its digest, and prints what to write in the configuration instead. What is
/// there already is not sent again.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Mirror {
    /// References of images; without any, every `registry` image of the config
    #[arg(value_name = "IMAGE")]
    images: Vec<String>,
    /// Directory that images are kept in on their way
    #[arg(long, value_name = "DIR", default_value = "lisa.out")]
    out: PathBuf,
}

/// What was copied.
#[derive(Serialize)]
struct Mirrored {
    images: Vec<Copy>,
}

/// One copy.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Copy {
    image: String,
    digest: String,
    repository_arn: String,
    tag: String,
    sent: u64,
}

impl Mirror {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let images = if self.images.is_empty() { configured(&input.config) } else { self.images.clone() };
        if images.is_empty() {
            printer.note(&"the configuration names no image of another registry");
            return Ok(Exit::Done);
        }
        let copies = world::run(async {
            let session = Session::open(&input, printer).await?;
            let copies = self.copy(&session, &images).await;
            session.progress.finish();
            copies
        })?;
        printer.answer(&Mirrored { images: copies })?;
        Ok(Exit::Done)
    }

    async fn copy(&self, session: &Session<'_>, images: &[String]) -> Result<Vec<Copy>, Failure> {
        let (registry, config) = (&session.world().registry, &session.input.config);
        let name = Naming::new(config).image_repository(bootstrap::OTHER_IMAGES);
        let repository = registry.repository(&name).await.map_err(|error| Failure::call(&error))?;
        let Some(repository) = repository else {
            let message = format!("there is no repository `{name}` to copy to");
            return Err(Failure::action(message, "Make it with `lisa bootstrap`."));
        };
        let mut logins = vec![registry.login(None).await.map_err(|error| Failure::call(&error))?];
        for account in &config.account_numbers_ecr {
            let login = registry.login(Some(account.as_str())).await;
            logins.push(login.map_err(|error| Failure::call(&error))?);
        }
        let store = Store::open(&self.out.join("assets")).map_err(|error| build::broken(&error))?;
        let mut copies = Vec::new();
        for image in images {
            let tell = |step| session.observer.on(Event::Asset { name: image.clone(), step });
            let job = Job { image, layout: store.layout(), logins: &logins, repository: &name };
            let result = job.run(&tell).await;
            tell(match &result {
                Ok((_, _, sent)) => AssetStep::Done { changed: *sent > 0, sent: *sent },
                Err(error) => AssetStep::Failed(error.to_string()),
            });
            let (digest, tag, sent) = result.map_err(|error| build::broken(&error))?;
            let (image, repository_arn) = (image.clone(), repository.arn.clone());
            copies.push(Copy { image, digest, repository_arn, tag, sent });
        }
        // No copy is named, so none is kept.
        store.layout().prune().map_err(|error| build::broken(&error))?;
        Ok(copies)
    }
}

/// One image on its way.
struct Job<'a> {
    image: &'a str,
    layout: &'a Layout,
    /// The account's own registry first.
    logins: &'a [Login],
    repository: &'a str,
}

impl Job<'_> {
    /// Copies it; returns its digest, its tag there, and the bytes that were sent.
    async fn run(
        &self,
        tell: lisa_deploy::assets::Tell<'_>,
    ) -> Result<(String, String, u64), ContainerError> {
        let architecture = Architecture::X86_64;
        let source = Source::new(self.image, self.logins)?;
        let found = source.find(architecture).await?;
        let digest = found.descriptor.digest.clone();
        let tag = mirror::tag(self.image, &digest);
        let target = Remote::with_login(&self.logins[0]);
        if target.has_tag(self.repository, &tag, &digest).await? {
            return Ok((digest.to_string(), tag, 0));
        }
        source.fetch(&found, architecture, self.layout, tell).await?;
        let sent = target.push(self.layout, &digest, self.repository, &tag, tell).await?;
        Ok((digest.to_string(), tag, sent))
    }
}

/// Every image of the configuration that hosts pull from a registry outside the account, each once.
fn configured(config: &Config) -> Vec<String> {
    let gateway = config.rest_api_config.container_config.image.iter();
    let models = config.hosted_models().map(|model| &model.image);
    let mut images: Vec<String> = gateway
        .chain(models)
        .filter_map(|image| match image {
            Image::Registry { registry } => Some(registry.as_str().to_owned()),
            _ => None,
        })
        .collect();
    images.sort();
    images.dedup();
    images
}

impl fmt::Display for Mirrored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut images = self.images.iter().peekable();
        while let Some(Copy { image, digest, repository_arn, tag, .. }) = images.next() {
            write!(f, "# {image}\n# {digest}\ntype: ecr\nrepositoryArn: {repository_arn}\ntag: {tag}")?;
            if images.peek().is_some() {
                f.write_str("\n\n")?;
            }
        }
        Ok(())
    }
}

//! Building from a Dockerfile, and taking the image out of the engine.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;

use bollard::auth::DockerCredentials;
use bollard::models::BuildInfo;
use bollard::query_parameters::BuildImageOptions;
use futures_util::{StreamExt as _, TryStreamExt as _};
use lisa_deploy::assets::{Architecture, Tell};
use lisa_deploy::event::AssetStep;
use lisa_deploy::ports::registry::Login;

use super::Engine;
use super::connect::words;
use crate::archive;
use crate::context::Context;
use crate::error::ContainerError;
use crate::layout::Layout;
use crate::oci::Descriptor;
use crate::pipe;

/// Lines of the engine's log that an error shows.
const LINES: usize = 20;

/// Beginnings of lines that tell nobody anything: ids of layers and containers.
const NOISE: [&str; 2] = [" ---> ", "Removing intermediate container "];

/// What is built.
#[derive(Clone, Copy, Debug)]
pub struct Build<'a> {
    /// The files.
    pub context: &'a Context,
    /// What the image is called in the engine, where it stays so that the next build finds its layers.
    pub tag: &'a str,
    /// Arguments of the build.
    pub arguments: &'a BTreeMap<String, String>,
    /// What it is built for, whatever the engine runs on.
    pub architecture: Architecture,
    /// Registries that base images may be in.
    pub logins: &'a [Login],
}

impl Engine {
    /// Builds an image; the engine keeps it under its tag.
    pub async fn build(&self, build: &Build<'_>, tell: Tell<'_>) -> Result<(), ContainerError> {
        let options = BuildImageOptions {
            dockerfile: "Dockerfile".to_owned(),
            t: Some(build.tag.to_owned()),
            buildargs: Some(build.arguments.clone().into_iter().collect()),
            platform: format!("linux/{}", build.architecture.of_images()),
            rm: true,
            forcerm: true,
            ..BuildImageOptions::default()
        };
        let (mut writer, pieces) = pipe::writer();
        let context = build.context.clone();
        let written = tokio::task::spawn_blocking(move || context.write(&mut writer));
        let body = bollard::body_stream(pieces);
        let mut log = Log::default();
        let mut steps =
            std::pin::pin!(self.docker.build_image(options, Some(credentials(build.logins)), Some(body)));
        let mut failed = None;
        while failed.is_none() {
            match steps.next().await {
                Some(Ok(step)) => log.take(step, tell),
                Some(Err(error)) => failed = Some(words(&error)),
                None => break,
            }
        }
        match (written.await, failed) {
            // Where the engine stopped reading, it says why, and the pipe's end says nothing more.
            (_, Some(fault)) => {
                Err(ContainerError::Engine { action: "build the image", fault, log: log.lines() })
            }
            (Ok(written), None) => written,
            (Err(error), None) => {
                let fault = error.to_string();
                Err(ContainerError::Engine { action: "take the context", fault, log: Vec::new() })
            }
        }
    }

    /// Takes an image out of the engine into a layout.
    pub async fn save(
        &self,
        tag: &str,
        architecture: Architecture,
        layout: &Layout,
    ) -> Result<Descriptor, ContainerError> {
        let stream = self.docker.export_image(tag).map_err(|error| io::Error::other(words(&error)));
        let (funnel, reader) = pipe::reader();
        let (layout, source) = (layout.clone(), Path::new(tag).to_owned());
        let loading =
            tokio::task::spawn_blocking(move || archive::load(reader, &source, architecture, &layout));
        let ((), loaded) = tokio::join!(funnel.pour(stream), loading);
        loaded.unwrap_or_else(|error| {
            let fault = error.to_string();
            Err(ContainerError::Engine { action: "save the image", fault, log: Vec::new() })
        })
    }
}

fn credentials(logins: &[Login]) -> std::collections::HashMap<String, DockerCredentials> {
    let one = |login: &Login| {
        let credentials = DockerCredentials {
            username: Some(login.user.clone()),
            password: Some(login.password.clone()),
            serveraddress: Some(login.host.clone()),
            ..DockerCredentials::default()
        };
        (login.host.clone(), credentials)
    };
    logins.iter().map(one).collect()
}

/// The last lines of what the engine says.
#[derive(Default)]
struct Log {
    lines: VecDeque<String>,
    /// The beginning of a line whose end has yet to come.
    open: String,
}

impl Log {
    fn take(&mut self, step: BuildInfo, tell: Tell<'_>) {
        // Pulling a base image is told by status instead.
        let said = step.stream.or_else(|| step.status.map(|status| format!("{status}\n")));
        for letter in said.unwrap_or_default().chars() {
            match letter {
                '\n' | '\r' => self.end_line(tell),
                letter => self.open.push(letter),
            }
        }
    }

    fn end_line(&mut self, tell: Tell<'_>) {
        let line = std::mem::take(&mut self.open);
        let line = line.trim_end();
        let is_noise = NOISE.iter().any(|noise| line.starts_with(noise));
        if line.is_empty() || is_noise || self.lines.back().is_some_and(|last| last == line) {
            return;
        }
        tell(AssetStep::Building(line.to_owned()));
        self.lines.push_back(line.to_owned());
        if self.lines.len() > LINES {
            self.lines.pop_front();
        }
    }

    fn lines(self) -> Vec<String> {
        self.lines.into_iter().chain(Some(self.open).filter(|open| !open.trim().is_empty())).collect()
    }
}

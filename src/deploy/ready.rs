//! The readiness gate: after CloudFormation says done, the deployment itself is asked whether it answers.

use std::time::Duration;

use futures_util::future::join_all;
use lisa_config::Config;
use serde::Serialize;

use crate::event::{Event, Observer};
use crate::outputs::Outputs;
use crate::ports::World;

/// How long a part may take to answer: new names spread through DNS, and tasks are registered with load balancers.
pub const BUDGET: Duration = Duration::from_mins(5);

/// How long is tried to reach what may be inside a network that this machine is not in.
const PRIVATE_BUDGET: Duration = Duration::from_secs(10);

/// The pause between two questions at first, and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(8)];

/// A part that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Such as `serve`.
    pub what: &'static str,
    /// Where.
    pub url: String,
    /// Whether it may be out of reach from this machine.
    pub private: bool,
}

/// What a part answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The part.
    pub what: &'static str,
    /// Where it was asked.
    pub url: String,
    /// Its last status; `None` where there was no answer.
    pub status: Option<u16>,
    /// Whether it is ready; `None` where it cannot be reached from this machine.
    pub ready: Option<bool>,
}

/// What there is to ask of a deployment with these outputs.
pub fn probes(config: &Config, outputs: &Outputs) -> Vec<Probe> {
    let ends = |url: &str| url.trim_end_matches('/').to_owned();
    let serve = outputs.serve.as_deref().map(|url| Probe {
        what: "serve",
        url: format!("{}/health", ends(url)),
        private: !config.rest_api_config.internet_facing,
    });
    let api = outputs.api.as_deref().map(|url| Probe {
        what: "api",
        url: format!("{}/openapi.json", ends(url)),
        private: config.private_endpoints,
    });
    let page = outputs.page.as_deref().map(|url| Probe {
        what: "page",
        url: format!("{}/", ends(url)),
        private: config.private_endpoints,
    });
    serve.into_iter().chain(api).chain(page).collect()
}

/// Asks all parts side by side until each is ready or its time is up. The answers come in the order of the questions.
pub async fn gate(
    world: &World,
    observer: &dyn Observer,
    probes: &[Probe],
    budget: Duration,
) -> Vec<Readiness> {
    join_all(probes.iter().map(|probe| ask(world, observer, probe, budget))).await
}

async fn ask(world: &World, observer: &dyn Observer, probe: &Probe, budget: Duration) -> Readiness {
    let (mut waited, mut pause) = (Duration::ZERO, PAUSES[0]);
    let mut reached = false;
    loop {
        let status = world.web.get(&probe.url).await.ok().map(|answer| answer.status);
        observer.on(Event::Ready { what: probe.what.to_owned(), url: probe.url.clone(), status });
        reached |= status.is_some();
        let ready = status.is_some_and(|status| (200..300).contains(&status));
        let budget = if probe.private && !reached { PRIVATE_BUDGET.min(budget) } else { budget };
        if ready || waited >= budget {
            let ready = if probe.private && !reached { None } else { Some(ready) };
            return Readiness { what: probe.what, url: probe.url.clone(), status, ready };
        }
        world.clock.sleep(pause).await;
        waited += pause;
        pause = (pause * 2).min(PAUSES[1]);
    }
}

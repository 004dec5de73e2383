//! `--doctor`: what is missing for everything to work here, in plain words; changes nothing but makes the folder.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::TcpListener;

use lisa_signed::Wire;

use crate::discover;
use crate::folder::Folder;
use crate::options::Options;
use crate::page::Page;

/// What was looked at, how it stands, and what to do.
struct Finding {
    is_good: bool,
    what: &'static str,
    says: String,
}

/// Looks at everything and tells it. The error says that something is in the way.
pub(crate) async fn examine(options: Options) -> Result<(), String> {
    let findings = look(&options).await;
    let mut text = String::new();
    for Finding { is_good, what, says } in &findings {
        let mark = if *is_good { "ok" } else { "x" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {mark:2}  {what:<9}  {says}");
    }
    io::stdout().lock().write_all(text.as_bytes()).map_err(|error| error.to_string())?;
    let bad = findings.iter().filter(|finding| !finding.is_good).count();
    if bad == 0 { Ok(()) } else { Err(format!("{bad} of {} things need a look", findings.len())) }
}

async fn look(options: &Options) -> Vec<Finding> {
    let finding = |what, outcome: Result<String, String>| {
        let is_good = outcome.is_ok();
        Finding { is_good, what, says: outcome.unwrap_or_else(|problem| problem) }
    };
    let folder = Folder::open(&options.data);
    let mut findings = vec![
        finding("page", page()),
        finding(
            "folder",
            folder.map(|folder| folder.path().display().to_string()).map_err(|error| error.to_string()),
        ),
        finding("address", address(options)),
    ];
    match Wire::new(None) {
        Err(error) => findings.push(finding("models", Err(error.to_string()))),
        Ok(wire) => {
            findings.push(finding("models", models(&wire, options).await));
            if let Some(provider) = &options.provider {
                findings.push(finding("provider", answers(&wire, &provider.authority).await));
            }
        }
    }
    findings
}

fn page() -> Result<String, String> {
    let missing = "this build has no page; `cargo xtask web` makes it";
    if Page::is_built() { Ok("is there".to_owned()) } else { Err(missing.to_owned()) }
}

fn address(options: &Options) -> Result<String, String> {
    let address = options.listen;
    match TcpListener::bind(address) {
        Ok(_) => Ok(format!("{address} is free")),
        Err(error) => {
            Err(format!("cannot listen on {address}: {error}; `--listen 127.0.0.1:8081` is another one"))
        }
    }
}

async fn models(wire: &Wire, options: &Options) -> Result<String, String> {
    let variable = |name: &str| std::env::var(name).ok();
    let places = discover::places(options.listen, variable("OPENAI_BASE_URL"), variable("OPENAI_API_KEY"));
    let found = discover::look(wire, places.clone()).await;
    let told = found.iter().map(|server| format!("{} at {}", server.place.what, server.place.base));
    let told: Vec<String> = options.models.iter().cloned().chain(told).collect();
    if !told.is_empty() {
        return Ok(told.join(", "));
    }
    let looked: Vec<String> =
        places.into_iter().map(|place| format!("{} at {}", place.what, place.base)).collect();
    Err(format!(
        "no server of models answers; looked for {}. Start one, or name one with `--model NAME=URL`; until then \
         fixtures answer",
        looked.join(", ")
    ))
}

async fn answers(wire: &Wire, authority: &str) -> Result<String, String> {
    let url = format!("{}/.well-known/openid-configuration", authority.trim_end_matches('/'));
    match wire.get(&url).await {
        Ok(answer) if answer.status() == 200 => Ok(format!("{authority} answers")),
        Ok(answer) => {
            Err(format!("`{url}` answered with status {}; is it the issuer's URL?", answer.status()))
        }
        Err(why) => Err(format!("`{url}` did not answer: {why}")),
    }
}

//! The sign-in provider: whether it is found by OpenID Connect discovery, and whether its clock agrees with ours.

use std::time::Duration;

use lisa_config::Config;
use serde_json::Value;

use super::Finding;
use crate::ports::World;
use crate::ports::web::Answer;

const CHECK: &str = "sign-in";
const CLOCK: &str = "clock";

/// AWS refuses requests whose time is further off; tokens are refused sooner.
const SKEW: Duration = Duration::from_mins(5);

/// Asks for the provider's discovery document.
pub(super) async fn check(world: &World, config: &Config) -> Vec<Finding> {
    let Some(auth) = &config.auth_config else { return Vec::new() };
    let issuer = auth.authority.to_string();
    let issuer = issuer.trim_end_matches('/');
    let url = format!("{issuer}/.well-known/openid-configuration");
    match world.web.get(&url).await {
        Ok(answer) => {
            let clock = clock(world, &answer);
            std::iter::once(discovery(issuer, &url, &answer)).chain(clock).collect()
        }
        Err(error) => {
            let help =
                "Check `authConfig.authority`. If only the deployment can reach it, this is no matter.";
            vec![Finding::doubtful(CHECK, format!("`{url}` gave no answer: {}", error.message), help)]
        }
    }
}

fn discovery(issuer: &str, url: &str, answer: &Answer) -> Finding {
    let help = "Set `authConfig.authority` to the issuer's URL, without `/.well-known/openid-configuration`.";
    let document: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    match document["issuer"].as_str() {
        _ if answer.status != 200 => Finding::bad(CHECK, format!("`{url}` answers {}", answer.status), help),
        None => Finding::bad(CHECK, format!("`{url}` is no discovery document"), help),
        Some(says) if says.trim_end_matches('/') == issuer => {
            Finding::good(CHECK, format!("{issuer} is an OpenID provider"))
        }
        Some(says) => Finding::bad(CHECK, format!("the issuer calls itself `{says}`, not `{issuer}`"), help),
    }
}

fn clock(world: &World, answer: &Answer) -> Option<Finding> {
    let (theirs, ours) = (answer.date?, world.clock.now());
    let skew = ours.duration_since(theirs).or_else(|_| theirs.duration_since(ours)).unwrap_or_default();
    let says = format!("this machine and the sign-in provider are {} s apart", skew.as_secs());
    Some(if skew > SKEW {
        Finding::bad(CLOCK, says, "Set the clock of this machine: requests are signed with its time.")
    } else {
        Finding::good(CLOCK, says)
    })
}

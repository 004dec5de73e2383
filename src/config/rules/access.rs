//! Rules on who may do what: sign-in, deployment switches, roles.

use super::facts::Facts;
use super::{AUTH_CONFIG_MISSING, AUTHORITY_NOT_HTTPS, OPEN_TO_THE_INTERNET, ROLE_NOT_USED, UI_NEEDS_CHAT};
use crate::report::Report;
use crate::section::roles::ROLE_KEYS;

pub(super) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    ui_needs_chat(facts, report);
    sign_in(facts, report);
    open_to_the_internet(facts, report);
    for (key, used) in ROLE_KEYS {
        let path = format!("roles.{key}");
        if !used && facts.has(&path) {
            report.add(
                facts
                    .at(&path, &ROLE_NOT_USED, format!("the role `{key}` has no use here"))
                    .label("not used")
                    .help("Remove it: LISA has no part that would take this role."),
            );
        }
    }
}

/// Rule B.
fn ui_needs_chat(facts: &Facts<'_>, report: &mut Report<'_>) {
    if facts.flag("deployUi")
        && !facts.flag("deployChat")
        && facts.value("deployChat").is_some_and(serde_json::Value::is_boolean)
    {
        report.add(
            facts
                .at("deployChat", &UI_NEEDS_CHAT, "the web page needs the chat back end")
                .label("switched off")
                .related(facts.span("deployUi").filter(|_| facts.has("deployUi")), "the web page is on")
                .help("Set `deployChat` to `true`, or `deployUi` to `false`."),
        );
    }
}

/// Rule C.
fn sign_in(facts: &Facts<'_>, report: &mut Report<'_>) {
    if let Some(authority) = facts.text("authConfig.authority").filter(|url| url.starts_with("http://")) {
        report.add(
            facts
                .at(
                    "authConfig.authority",
                    &AUTHORITY_NOT_HTTPS,
                    format!("`{authority}` is not reached by HTTPS"),
                )
                .label("keys could be forged on the way")
                .help("Write a URL that starts with `https://`."),
        );
    }
    if facts.written("authConfig") {
        return;
    }
    let wanting = ["deployUi", "deployChat", "deployRag"].into_iter().find(|key| facts.flag(key));
    let internet = facts.flag("deployServe")
        && facts.flag("restApiConfig.internetFacing")
        && facts.flag("restApiConfig.authenticationEnabled");
    if let Some(key) = wanting.or(internet.then_some("restApiConfig.internetFacing")) {
        report.add(
            facts
                .at(
                    "authConfig",
                    &AUTH_CONFIG_MISSING,
                    format!("`authConfig` is missing: `{key}` needs an identity provider"),
                )
                .span_instead(facts.key_span(key))
                .label("needs `authConfig`")
                .help("Add `authConfig` with `authority` and `clientId`."),
        );
    }
}

fn open_to_the_internet(facts: &Facts<'_>, report: &mut Report<'_>) {
    let open =
        facts.flag("restApiConfig.internetFacing") && !facts.flag("restApiConfig.authenticationEnabled");
    if open && facts.has("restApiConfig.authenticationEnabled") {
        report.add(
            facts
                .at(
                    "restApiConfig.authenticationEnabled",
                    &OPEN_TO_THE_INTERNET,
                    "anybody on the internet can use the models",
                )
                .label("nobody is asked who they are")
                .help("Set it to `true`, or `internetFacing` to `false`."),
        );
    }
}

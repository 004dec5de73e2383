//! The `ui` stack: the web page's bucket, and what the page is told of its deployment.
//!
//! Each output is a setting of the page's `env.js`, named as there but in camel case; a setting that has no value has
//! no output. `lisa deploy` writes the file and uploads it with the page.

use lisa_cfn::Value;
use lisa_cfn::iam::{Principal, Statement, actions, arn};

use crate::api::site;
use crate::app::StackName;
use crate::builder::{Context, StackBuilder};
use crate::parts::{Access, bucket};
use crate::shared::Shared;
use crate::stack::Stack;

/// Version of the serve API: the first segment of its paths.
const SERVE_API_VERSION: &str = "v2";

/// Makes the stack.
pub(crate) fn stack(context: &Context<'_>) -> Stack {
    let mut stack = StackBuilder::new(context, StackName::Ui, "LISA web page: its files and settings");
    let name = site::bucket(stack.naming());
    let access = reader_access(&stack, &name);
    let site = bucket(&mut stack, "SiteBucket", &name, access);
    stack.template.output("SiteBucket", "Bucket of the web page's files", site.reference());
    for (name, what, value) in settings(&mut stack) {
        stack.template.output(name, what, value);
    }
    stack.finish()
}

/// The role that API Gateway reads the files with has the right itself where LISA makes it; one that exists already
/// is given it here.
fn reader_access(stack: &StackBuilder<'_>, bucket: &str) -> Access {
    let reads = |role| {
        let role = arn::global("iam", &format!("role/{role}"));
        Statement::allow([actions::s3::GET_OBJECT]).on([arn::s3_object(bucket, "*")]).to(Principal::arn(role))
    };
    Access(stack.config().roles.s3_reader_role.iter().map(reads).collect())
}

fn settings(stack: &mut StackBuilder<'_>) -> Vec<(&'static str, &'static str, Value<String>)> {
    let config = stack.config();
    let mut settings: Vec<(&'static str, &'static str, Value<String>)> = vec![
        ("RestapiVersion", "Version of the serve API", SERVE_API_VERSION.into()),
        ("RagEnabled", "Whether documents can be searched", config.deploy_rag.to_string().into()),
        ("ApiBaseUrl", "Path in front of every route", base_path(stack).into()),
    ];
    if let Some(auth) = &config.auth_config {
        let texts = [
            ("Authority", "Issuer of the sign-in tokens", auth.authority.to_string()),
            ("ClientId", "Client id at the issuer", auth.client_id.clone()),
            ("AdminGroup", "Group of the administrators", auth.admin_group.clone()),
            ("JwtGroupsProp", "Where a token holds the groups", auth.jwt_groups_property.clone()),
            ("CustomScopes", "Scopes asked for at sign-in", auth.additional_scopes.join(" ")),
        ];
        let filled = texts.into_iter().filter(|(_, _, text)| !text.is_empty());
        settings.extend(filled.map(|(name, what, text)| (name, what, text.into())));
    }
    if let Some(banner) = &config.system_banner {
        let banner = serde_json::json!({
            "text": banner.text,
            "backgroundColor": banner.background_color.to_string(),
            "fontColor": banner.font_color.to_string(),
        });
        settings.push((
            "SystemBanner",
            "Banner above and below the page, as JSON",
            banner.to_string().into(),
        ));
    }
    if config.deploy_serve {
        settings.push(("RestapiUri", "URL of the serve API", stack.read(Shared::ServeUrl)));
    }
    settings
}

/// A custom domain leads to the stage itself.
fn base_path(stack: &StackBuilder<'_>) -> String {
    if stack.config().api_gateway_config.domain_name.is_some() {
        return "/".to_owned();
    }
    format!("/{}/", stack.naming().stage())
}

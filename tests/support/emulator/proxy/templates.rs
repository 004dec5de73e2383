//! Templates on their way: the emulator's view of each instead of it, and the original again when it is asked for.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::super::{unknown, view};
use super::{Asked, Inside, connect};

/// Holds the views of templates that were given by their address.
const BUCKET: &str = "views-of-templates";

/// Bytes that a request may bring of a template. A view may have more than its original.
const LARGEST_BODY: usize = 51_200;

/// What AWS publishes begins with this.
const PUBLISHED: &str = "/aws/";

/// Templates by the emulator's view of them.
#[derive(Debug)]
pub(super) struct Templates {
    originals: Mutex<BTreeMap<String, String>>,
    /// Where the proxy is.
    proxy: SocketAddr,
}

impl Templates {
    pub(super) fn of(proxy: SocketAddr) -> Self {
        Self { originals: Mutex::default(), proxy }
    }

    /// Puts the emulator's view in the place of the template that a request brings or names.
    pub(super) async fn show(&self, inside: &Inside, asked: &mut Asked) -> Result<()> {
        let mut fields: Vec<(String, String)> = form_urlencoded::parse(&asked.body).into_owned().collect();
        name_stack(&mut fields);
        for field in &mut fields {
            let text = match field.0.as_str() {
                "TemplateBody" => field.1.clone(),
                "TemplateURL" => inside.read(asked, &field.1).await?,
                _ => continue,
            };
            let template: Value = serde_json::from_str(&text).context("a template is no JSON")?;
            let mut seen = view::of_known(&template);
            connect::to(self.proxy, &mut seen);
            let seen = inside.publish(asked, seen).await?.to_string();
            field.1 = match field.0.as_str() {
                "TemplateBody" if seen.len() <= LARGEST_BODY => seen.clone(),
                "TemplateBody" => {
                    "TemplateURL".clone_into(&mut field.0);
                    inside.store(asked, &format!("{}/{}", inside.upstream, name_of(&seen)), &seen).await?
                }
                _ => inside.store(asked, &field.1, &seen).await?,
            };
            self.originals.lock().unwrap_or_else(PoisonError::into_inner).insert(seen, text);
        }
        let mut form = form_urlencoded::Serializer::new(String::new());
        asked.body = form.extend_pairs(fields).finish().into();
        Ok(())
    }

    /// The answer to `GetTemplate` with the template as it was given.
    pub(super) fn original(&self, body: Bytes) -> Bytes {
        let text = String::from_utf8_lossy(&body);
        let Ok(answer) = roxmltree::Document::parse(&text) else { return body };
        let seen = answer.descendants().find(|node| node.has_tag_name("TemplateBody"));
        let seen =
            seen.or_else(|| answer.descendants().find(|node| node.tag_name().name() == "TemplateBody"));
        let Some(seen) = seen.and_then(|node| node.text()) else { return body };
        let originals = self.originals.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(original) = originals.get(seen) else { return body };
        let escaped = original.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let result = format!("<GetTemplateResult><TemplateBody>{escaped}</TemplateBody></GetTemplateResult>");
        format!("<GetTemplateResponse>{result}</GetTemplateResponse>").into()
    }
}

/// A name of its own for a view.
fn name_of(view: &str) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    view.hash(&mut hasher);
    format!("{:016x}.json", hasher.finish())
}

impl Inside {
    /// Reads a template by its address.
    async fn read(&self, asked: &Asked, url: &str) -> Result<String> {
        let body =
            self.aside(asked, "s3", Method::GET, path_of(url)?, HeaderMap::new(), Bytes::new()).await?;
        String::from_utf8(body.to_vec()).context("a template is no text")
    }

    /// Stores a view under the path of its template in a bucket of its own, and returns its address.
    async fn store(&self, asked: &Asked, url: &str, text: &str) -> Result<String> {
        let path = format!("/{BUCKET}{}", path_of(url)?);
        let bucket = format!("/{BUCKET}");
        self.aside(asked, "s3", Method::PUT, &bucket, HeaderMap::new(), Bytes::new()).await?;
        self.aside(asked, "s3", Method::PUT, &path, HeaderMap::new(), text.to_owned().into()).await?;
        Ok(format!("{}{path}", self.upstream))
    }

    /// Lets the parameters that AWS publishes be read where somebody else may write.
    async fn publish(&self, asked: &Asked, mut template: Value) -> Result<Value> {
        let parameters = template.get_mut("Parameters").and_then(Value::as_object_mut);
        for parameter in parameters.into_iter().flat_map(|all| all.values_mut()) {
            let is_read =
                parameter["Type"].as_str().is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter"));
            let name = parameter["Default"].as_str().filter(|name| is_read && name.starts_with(PUBLISHED));
            let Some(name) = name.map(|name| format!("{}{name}", unknown::PUBLIC_PREFIX)) else { continue };
            let value = unknown::PUBLIC_VALUE;
            let body = json!({ "Name": name, "Type": "String", "Value": value, "Overwrite": true });
            let mut headers = HeaderMap::new();
            headers.insert("x-amz-target", HeaderValue::from_static("AmazonSSM.PutParameter"));
            headers.insert("content-type", HeaderValue::from_static("application/x-amz-json-1.1"));
            self.aside(asked, "ssm", Method::POST, "/", headers, body.to_string().into()).await?;
            parameter["Default"] = name.into();
        }
        Ok(template)
    }

    /// A request of the proxy's own, in the account and region of the one that it is made for.
    async fn aside(
        &self,
        asked: &Asked,
        service: &str,
        method: Method,
        path: &str,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Bytes> {
        let signature = asked.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let signature = signature.context("a request to CloudFormation is not signed")?;
        let signature = signature.replace("/cloudformation/", &format!("/{service}/"));
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&signature)?);
        let own = Asked { method, path: path.to_owned(), headers, body };
        let (status, _, body) = self.forward(&own).await?;
        ensure!(status.is_success(), "{path} gave {status}: {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}

/// The emulator finds a change set by the name of its stack, and not by the stack's id.
fn name_stack(fields: &mut [(String, String)]) {
    if !fields.iter().any(|(name, value)| name == "Action" && value.ends_with("ChangeSet")) {
        return;
    }
    for (_, stack) in fields.iter_mut().filter(|(name, _)| name == "StackName") {
        let name =
            stack.split_once(":stack/").and_then(|(_, rest)| rest.split('/').next()).map(str::to_owned);
        *stack = name.unwrap_or_else(|| stack.clone());
    }
}

fn path_of(url: &str) -> Result<&str> {
    let (_, rest) = url.split_once("://").with_context(|| format!("`{url}` is no address"))?;
    let start = rest.find('/').with_context(|| format!("`{url}` names no object"))?;
    Ok(&rest[start..])
}

//! Repositories of container images: Amazon ECR.

use async_trait::async_trait;
use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{ImageDetail, ImageFailureCode, ImageIdentifier};
use aws_smithy_types::base64;
use lisa_deploy::ports::registry::{Login, Repository, StoredImage};
use lisa_deploy::ports::{self, Call, CallError, CallErrorKind};
use lisa_signed::Session;

use crate::error::{incomplete, listed, sdk};

/// How many images one call deletes.
/// Source: the API reference of `BatchDeleteImage`.
const MOST_DELETED: usize = 100;

const LOGIN: &str = "ecr:GetAuthorizationToken";

pub(crate) struct Registry {
    client: Client,
    /// The caller's account, which the registry's host begins with.
    account: String,
}

impl Registry {
    pub(crate) fn new(session: &Session, account: &str) -> Self {
        Self { client: Client::new(session.config()), account: account.to_owned() }
    }
}

#[async_trait]
impl ports::Registry for Registry {
    async fn repository(&self, name: &str) -> Call<Option<Repository>> {
        const ACTION: &str = "ecr:DescribeRepositories";
        let answer = self.client.describe_repositories().repository_names(name).send().await;
        let Some(answer) = found(answer.map_err(sdk(ACTION)))? else { return Ok(None) };
        let Some(repository) = answer.repositories().first() else { return Ok(None) };
        let field = |value: Option<&str>, what: &str| {
            value.map(str::to_owned).ok_or_else(|| incomplete(ACTION, what))
        };
        Ok(Some(Repository {
            name: name.to_owned(),
            arn: field(repository.repository_arn(), "ARN")?,
            uri: field(repository.repository_uri(), "URI")?,
        }))
    }

    async fn image(&self, repository: &str, reference: &str) -> Call<Option<StoredImage>> {
        let id = if reference.starts_with("sha256:") {
            ImageIdentifier::builder().image_digest(reference).build()
        } else {
            ImageIdentifier::builder().image_tag(reference).build()
        };
        let request = self.client.describe_images().repository_name(repository).image_ids(id);
        let answer = found(request.send().await.map_err(sdk("ecr:DescribeImages")))?;
        Ok(answer.and_then(|answer| answer.image_details().iter().find_map(stored)))
    }

    async fn images(&self, repository: &str) -> Call<Vec<StoredImage>> {
        let mut pages = self.client.describe_images().repository_name(repository).into_paginator().send();
        let mut images = Vec::new();
        while let Some(page) = pages.next().await {
            let Some(page) = found(page.map_err(sdk("ecr:DescribeImages")))? else { break };
            images.extend(page.image_details().iter().filter_map(stored));
        }
        Ok(images)
    }

    async fn delete_images(&self, repository: &str, digests: &[String]) -> Call<()> {
        const ACTION: &str = "ecr:BatchDeleteImage";
        for part in digests.chunks(MOST_DELETED) {
            let ids = part.iter().map(|digest| ImageIdentifier::builder().image_digest(digest).build());
            let request = self
                .client
                .batch_delete_image()
                .repository_name(repository)
                .set_image_ids(Some(ids.collect()));
            let answer = request.send().await.map_err(sdk(ACTION))?;
            let gone = Some(&ImageFailureCode::ImageNotFound);
            if let Some(failure) = answer.failures().iter().find(|failure| failure.failure_code() != gone) {
                let code = failure.failure_code().map_or("ImageFailure", ImageFailureCode::as_str);
                return Err(listed(ACTION, code, failure.failure_reason().unwrap_or("no reason was given")));
            }
        }
        Ok(())
    }

    async fn login(&self, account: Option<&str>) -> Call<Login> {
        let answer = self.client.get_authorization_token().send().await.map_err(sdk(LOGIN))?;
        let data = answer.authorization_data().first().ok_or_else(|| incomplete(LOGIN, "token"))?;
        let (user, password) = data
            .authorization_token()
            .and_then(|token| String::from_utf8(base64::decode(token).ok()?).ok())
            .and_then(|pair| pair.split_once(':').map(|(user, word)| (user.to_owned(), word.to_owned())))
            .ok_or_else(|| incomplete(LOGIN, "token that can be read"))?;
        let endpoint = data.proxy_endpoint().ok_or_else(|| incomplete(LOGIN, "endpoint"))?;
        let (scheme, host) = endpoint.split_once("://").unwrap_or(("https", endpoint));
        let host = host.trim_end_matches('/');
        Ok(Login {
            host: account.map_or_else(|| host.to_owned(), |account| self.host_of(account, host)),
            plain: scheme == "http",
            user,
            password,
            expires: data.expires_at().and_then(|at| (*at).try_into().ok()),
        })
    }
}

impl Registry {
    /// A token is good for every registry that the caller may use; only the host tells them apart.
    fn host_of(&self, account: &str, own: &str) -> String {
        own.strip_prefix(&self.account).map_or_else(|| own.to_owned(), |rest| format!("{account}{rest}"))
    }
}

/// What is not there is no error here.
fn found<T>(answer: Result<T, CallError>) -> Call<Option<T>> {
    match answer {
        Err(error) if error.kind == CallErrorKind::NotFound => Ok(None),
        answer => answer.map(Some),
    }
}

fn stored(image: &ImageDetail) -> Option<StoredImage> {
    Some(StoredImage {
        digest: image.image_digest()?.to_owned(),
        tags: image.image_tags().to_vec(),
        size: image.image_size_in_bytes().and_then(|size| size.try_into().ok()).unwrap_or_default(),
    })
}

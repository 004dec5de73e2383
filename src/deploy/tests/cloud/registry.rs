//! ECR in the fake cloud, and what answers over HTTP. A repository is there once a test has made it.

use async_trait::async_trait;
use lisa_deploy::ports::registry::{Login, Registry, Repository, StoredImage};
use lisa_deploy::ports::web::{Answer, Web};
use lisa_deploy::ports::{Call, CallError, CallErrorKind};

use super::Cloud;

#[async_trait]
impl Registry for Cloud {
    async fn repository(&self, name: &str) -> Call<Option<Repository>> {
        self.call("ecr:DescribeRepositories", |state| {
            Ok(state.images.contains_key(name).then(|| Repository {
                name: name.to_owned(),
                arn: format!("arn:aws:ecr:us-east-1:123456789012:repository/{name}"),
                uri: format!("123456789012.dkr.ecr.us-east-1.amazonaws.com/{name}"),
            }))
        })
        .await
    }

    async fn image(&self, repository: &str, reference: &str) -> Call<Option<StoredImage>> {
        self.call("ecr:DescribeImages", |state| {
            let matches = |image: &&StoredImage| {
                image.digest == reference || image.tags.iter().any(|tag| tag == reference)
            };
            Ok(state.images.get(repository).and_then(|images| images.iter().find(matches)).cloned())
        })
        .await
    }

    async fn images(&self, repository: &str) -> Call<Vec<StoredImage>> {
        self.call("ecr:DescribeImages", |state| Ok(state.images.get(repository).cloned().unwrap_or_default()))
            .await
    }

    async fn delete_images(&self, repository: &str, digests: &[String]) -> Call<()> {
        self.call("ecr:BatchDeleteImage", |state| {
            if let Some(images) = state.images.get_mut(repository) {
                images.retain(|image| !digests.contains(&image.digest));
            }
            Ok(())
        })
        .await
    }

    async fn login(&self, _account: Option<&str>) -> Call<Login> {
        self.call("ecr:GetAuthorizationToken", |_| {
            let (host, user) = ("123456789012.dkr.ecr.us-east-1.amazonaws.com".to_owned(), "AWS".to_owned());
            Ok(Login { host, plain: false, user, password: "password".to_owned(), expires: None })
        })
        .await
    }
}

#[async_trait]
impl Web for Cloud {
    async fn get(&self, url: &str) -> Call<Answer> {
        self.call("", |state| {
            let none = || CallError {
                action: "",
                kind: CallErrorKind::Unanswered,
                code: String::new(),
                message: "connection refused".to_owned(),
            };
            state.answers.get(url).cloned().ok_or_else(none)
        })
        .await
    }
}

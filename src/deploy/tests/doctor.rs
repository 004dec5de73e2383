//! The doctor: what is in the way is bad, what cannot be told is doubtful.

use async_trait::async_trait;
use lisa_config::{Config, Options, Overrides, Source};
use lisa_deploy::assets::Architecture;
use lisa_deploy::doctor::images::{Gallery, Seen};
use lisa_deploy::doctor::{Finding, Standing, full, quick};
use lisa_deploy::ports::registry::Login;
use lisa_deploy::ports::web::Answer;

use crate::cloud::Cloud;
use crate::destroy::example;

fn standing<'a>(findings: &'a [Finding], check: &str) -> Vec<(Standing, &'a str)> {
    let of = findings.iter().filter(|finding| finding.check == check);
    of.map(|finding| (finding.standing, finding.says.as_str())).collect()
}

/// Registries that have every image, but for those whose name says otherwise.
struct Everything;

#[async_trait]
impl Gallery for Everything {
    async fn look(&self, reference: &str, login: Option<&Login>, _: Architecture) -> Seen {
        match reference {
            _ if reference.contains("missing") => Seen::Missing,
            _ if reference.contains("arm") => Seen::OtherPlatform("arm64".to_owned()),
            _ if reference.contains("private") => Seen::Refused("unauthorized".to_owned()),
            _ if reference.contains("far") => Seen::Unknown("no answer".to_owned()),
            _ if reference.contains(".dkr.ecr.") && login.is_none() => Seen::Refused("no login".to_owned()),
            _ => Seen::There,
        }
    }
}

#[test]
fn an_empty_account_is_fit() {
    Cloud::run(async {
        let (config, app) = example("destroy");
        let findings = quick(&Cloud::new().world(), &Everything, &config, &app.stacks).await;
        assert!(findings.iter().all(|finding| finding.standing != Standing::Bad), "{findings:#?}");
        assert_eq!(standing(&findings, "names").len(), 1, "{findings:#?}");
    });
}

#[test]
fn a_bucket_that_an_earlier_deployment_left_is_named() {
    Cloud::run(async {
        let (config, app) = example("destroy");
        let cloud = Cloud::new();
        let bucket = lisa_stacks::Naming::new(&config).bucket("access-logs");
        cloud.state().objects.insert(bucket.clone(), [].into());
        let findings = quick(&cloud.world(), &Everything, &config, &app.stacks).await;
        let names = standing(&findings, "names");
        assert!(names.iter().any(|(how, says)| *how == Standing::Bad && says.contains(&bucket)), "{names:?}");
    });
}

#[test]
fn a_sign_in_provider_says_who_it_is_and_what_time_it_is() {
    Cloud::run(async {
        let (config, app) = example("destroy");
        let cloud = Cloud::new();
        let issuer = config.auth_config.as_ref().expect("sign-in").authority.to_string();
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let date = Some(crate::cloud::time_of_day(std::time::Duration::from_hours(1)));
        let body = format!(r#"{{"issuer": "{issuer}"}}"#);
        cloud.state().answers.insert(url, Answer { status: 200, body, date });
        let findings = full(&cloud.world(), &Everything, &config, &app.stacks).await;
        assert_eq!(standing(&findings, "sign-in")[0].0, Standing::Good, "{findings:#?}");
        assert_eq!(standing(&findings, "clock")[0].0, Standing::Bad, "{findings:#?}");
    });
}

/// The images of five models and the gateway, as a configuration may name them.
const IMAGES: &str = "accountNumber: '123456789012'
region: us-east-1
deploymentName: demo
s3BucketModels: demo-models
authConfig: { authority: 'https://login.example.com/realms/demo', clientId: lisa }
restApiConfig:
  imageConfig: { type: registry, registry: 'registry.example.com/gateway:1' }
ecsModels:
  - modelName: team/there
    modelId: there
    deploy: true
    modelType: textgen
    instanceType: g5.xlarge
    inferenceContainer: vllm
    baseImage: { type: ecr, repositoryArn: 'arn:aws:ecr:us-east-1:123456789012:repository/team/vllm', tag: '1' }
  - modelName: team/gone
    modelId: gone
    deploy: true
    modelType: textgen
    instanceType: g5.xlarge
    inferenceContainer: vllm
    baseImage: { type: ecr, repositoryArn: 'arn:aws:ecr:us-east-1:123456789012:repository/team/missing', tag: '1' }
  - modelName: team/arm
    modelId: arm
    deploy: true
    modelType: textgen
    instanceType: g5.xlarge
    inferenceContainer: vllm
    containerConfig:
      image: { type: registry, registry: 'registry.example.com/arm:1' }
  - modelName: team/private
    modelId: private
    deploy: true
    modelType: textgen
    instanceType: g5.xlarge
    inferenceContainer: tgi
    baseImage: registry.example.com/private:1
  - modelName: team/far
    modelId: far
    deploy: true
    modelType: textgen
    instanceType: g5.xlarge
    inferenceContainer: tgi
    baseImage: registry.example.com/far:1
  - modelName: team/elsewhere
    modelId: elsewhere
    deploy: true
    modelType: textgen
    instanceType: g5.xlarge
    inferenceContainer: tgi
    baseImage: { type: ecr, repositoryArn: 'arn:aws:ecr:eu-west-1:123456789012:repository/team/tgi', tag: '1' }
";

fn configured(text: &str) -> Config {
    let source = Source { name: "config.yaml".to_owned(), text: text.to_owned() };
    lisa_config::load(&source, &Overrides::default(), &Options::default()).expect("a valid config").config
}

#[test]
fn an_image_that_hosts_could_not_pull_is_told_with_its_line() {
    Cloud::run(async {
        let findings = quick(&Cloud::new().world(), &Everything, &configured(IMAGES), &[]).await;
        let expected = [
            (Standing::Good, "2 of 7 named in the configuration are there, for linux/amd64"),
            (
                Standing::Bad,
                "`123456789012.dkr.ecr.us-east-1.amazonaws.com/team/missing:1` is not there \
                 (`ecsModels[1].baseImage` at config.yaml:22:5)",
            ),
            (
                Standing::Bad,
                "`registry.example.com/arm:1` is for arm64, and hosts run linux/amd64 \
                 (`ecsModels[2].containerConfig.image` at config.yaml:30:7)",
            ),
            (
                Standing::Bad,
                "`registry.example.com/private:1` cannot be pulled without credentials: unauthorized \
                 (`ecsModels[3].baseImage` at config.yaml:37:5)",
            ),
            (
                Standing::Doubtful,
                "`registry.example.com/far:1` was not looked for: no answer \
                 (`ecsModels[4].baseImage` at config.yaml:44:5)",
            ),
            (
                Standing::Doubtful,
                "`123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/tgi:1` was not looked for: it is in eu-west-1, \
                 and this session in us-east-1 (`ecsModels[5].baseImage` at config.yaml:51:5)",
            ),
        ];
        assert_eq!(standing(&findings, "images"), expected);
    });
}

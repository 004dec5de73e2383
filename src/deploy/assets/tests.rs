//! What the assets of a configuration are made of.

use std::collections::BTreeMap;
use std::path::Path;

use lisa_config::{Config, Options, Overrides, Source};
use lisa_stacks::{Asset, Assets, Stack};

use super::{Recipe, Wanted, carry_images, wanted};

const HEAD: &str = "accountNumber: '123456789012'
region: us-east-1
deploymentName: demo
s3BucketModels: demo-models
authConfig: { authority: 'https://login.example.com/realms/demo', clientId: lisa }
pypiConfig: { indexUrl: 'https://pypi.example.com/simple', trustedHost: pypi.example.com }
condaUrl: https://conda.example.com
certificateAuthorityBundle: /etc/pki/bundle.pem
ecsModels:
";

/// A hosted model with this image.
fn model(id: &str, image: &str) -> String {
    format!(
        "  - modelName: team/{id}
    modelId: {id}
    deploy: true
    modelType: textgen
    instanceType: g6.xlarge
    inferenceContainer: vllm
    containerConfig: {{ image: {image} }}
"
    )
}

fn config(models: &[(&str, &str)]) -> Config {
    let models: String = models.iter().map(|(id, image)| model(id, image)).collect();
    let source = Source { name: "config.yaml".to_owned(), text: format!("{HEAD}{models}") };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options { allow_unknown: false });
    loaded.unwrap_or_else(|problems| panic!("{:?}", problems.0)).config
}

fn stacks(config: &Config) -> Vec<Stack> {
    lisa_stacks::synthesize(config, &Assets::not_built()).expect("stacks").stacks
}

fn by_name(config: &Config) -> BTreeMap<String, Wanted> {
    let wanted = wanted(config, &stacks(config), Path::new("site")).expect("assets");
    wanted.into_iter().map(|wanted| (wanted.name().to_owned(), wanted)).collect()
}

#[test]
fn services_are_packages_or_images_of_their_binaries() {
    let config = config(&[("plain", "vllm/vllm-openai:v0.6.3")]);
    let wanted = by_name(&config);
    let recipe = |name: &str| wanted[name].recipe.clone();
    assert_eq!((recipe("lisa-serve"), recipe("lisa-weights")), (Recipe::Service, Recipe::Service));
    for function in ["lisa-authorizer", "lisa-chat", "lisa-models"] {
        assert_eq!(recipe(function), Recipe::Package, "{function}");
    }
    assert!(!wanted.contains_key("model-plain"), "a stock image is not made");
}

#[test]
fn images_of_the_configuration_are_built_with_its_indexes_or_loaded() {
    let dockerfile = "{ type: asset, baseImage: 'vllm/vllm-openai:v0.6.3', path: images/vllm }";
    let archive = "{ type: tarball, path: images/tgi.tar }";
    let wanted = by_name(&config(&[("built", dockerfile), ("saved", archive)]));
    let Recipe::Dockerfile { directory, arguments } = &wanted["model-built"].recipe else {
        panic!("{wanted:?}");
    };
    assert_eq!(directory, Path::new("site/images/vllm"));
    let arguments: Vec<String> = arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let expected = [
        "BASE_IMAGE=vllm/vllm-openai:v0.6.3",
        "CONDA_URL=https://conda.example.com",
        "PYPI_INDEX_URL=https://pypi.example.com/simple",
        "PYPI_TRUSTED_HOST=pypi.example.com",
        "SSL_CERT_FILE=/etc/pki/bundle.pem",
    ];
    assert_eq!(arguments, expected);
    let file = Path::new("site/images/tgi.tar").to_owned();
    assert_eq!(wanted["model-saved"].recipe, Recipe::Archive { file });
    for name in ["model-built", "model-saved"] {
        let Asset::Image { repository, .. } = &wanted[name].asset else { panic!("{name}") };
        assert_eq!(repository, "lisa/images");
    }
}

#[test]
fn a_bundle_carries_the_images_of_other_registries_and_templates_pin_them() {
    let mut config = config(&[("plain", "vllm/vllm-openai:v0.6.3")]);
    carry_images(&mut config);
    let reference = "vllm/vllm-openai:v0.6.3".to_owned();
    assert_eq!(by_name(&config)["model-plain"].recipe, Recipe::Copy { reference });
    let texts = stacks(&config).iter().map(|stack| stack.template.to_json().to_string()).collect::<String>();
    assert!(texts.contains("lisa/images@sha256:"));
    assert!(!texts.contains("vllm/vllm-openai"));
}

//! COMPUTE-49 and COMPUTE-50: container images and the repositories that keep them.

use crate::leaf::Want;
use crate::report::Severity::{Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Hardened};
use crate::world::{Resource, World, leaf_texts};

const REPOSITORY: &[&str] = &["AWS::ECR::Repository"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "COMPUTE-49-tag",
        title: "Images have a tag that means one version",
        why: "What `latest` is changes by itself: a restart runs other code than the last deployment tested.",
        remedy: "Name a version, or better a digest (`@sha256:...`).",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(tag),
    },
    Rule {
        id: "COMPUTE-49-digest",
        title: "Images are named by their content",
        why: "Whoever can push to the registry can replace what a tag means.",
        remedy: "Name the digest (`@sha256:...`), or a tag that is the hash of the content.",
        cost: Some("the image must be looked up before synthesis"),
        from: Hardened,
        severity: Medium,
        check: Check::With(digest),
    },
    Rule {
        id: "COMPUTE-50-immutable",
        title: "Tags in repositories cannot be moved",
        why: "Whoever can push can put other code behind a tag that is running.",
        remedy: "Set `ImageTagMutability` to `IMMUTABLE`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::property(
            REPOSITORY,
            &["ImageTagMutability"],
            Want::OneOf(&["IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"]),
        ),
    },
    Rule {
        id: "COMPUTE-50-scan",
        title: "Images are scanned when they are pushed",
        why: "Known holes go into production unseen.",
        remedy: "Set `ImageScanningConfiguration.ScanOnPush` to `true`.",
        cost: None,
        from: Dev,
        severity: Low,
        check: Check::property(REPOSITORY, &["ImageScanningConfiguration.ScanOnPush"], Want::True),
    },
    Rule {
        id: "COMPUTE-50-lifecycle",
        title: "Old images are removed",
        why: "Images with known holes stay ready to run, and cost by the gigabyte.",
        remedy: "Set `LifecyclePolicy`.",
        cost: None,
        from: Dev,
        severity: Low,
        check: Check::property(REPOSITORY, &["LifecyclePolicy.LifecyclePolicyText"], Want::Present),
    },
    Rule {
        id: "COMPUTE-50-kms",
        title: "Repositories are encrypted with KMS",
        why: "Without a KMS key nobody sees who read an image; this cannot be changed later.",
        remedy: "Set `EncryptionConfiguration.EncryptionType` to `KMS`.",
        cost: Some("a dollar a month for an own key"),
        from: Hardened,
        severity: Low,
        check: Check::property(
            REPOSITORY,
            &["EncryptionConfiguration.EncryptionType"],
            Want::OneOf(&["KMS", "KMS_DSSE"]),
        ),
    },
];

/// Visits every image that something runs, as a text.
fn each_image<'a>(world: &World<'a>, mut visit: impl FnMut(&Resource<'a>, String, &str)) {
    for (kind, path) in [
        ("AWS::ECS::TaskDefinition", "ContainerDefinitions[].Image"),
        ("AWS::Lambda::Function", "Code.ImageUri"),
    ] {
        for resource in world.of(kind) {
            resource.each(world, path, |trail, leaf| {
                for text in leaf_texts(leaf) {
                    visit(resource, trail.to_string(), &text);
                }
            });
        }
    }
}

/// The tag, if there is one: after the last colon, unless that belongs to a registry's port.
fn tag_of(image: &str) -> Option<&str> {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.rsplit_once(':').map(|(_, tag)| tag).filter(|tag| !tag.is_empty() && !tag.ends_with('}'))
}

fn is_by_digest(image: &str) -> bool {
    image.rsplit_once("@sha256:").is_some_and(|(_, digest)| is_hex(digest, 64))
}

fn is_hex(text: &str, least: usize) -> bool {
    text.len() >= least && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn tag(world: &World<'_>, findings: &mut Findings) {
    each_image(world, |resource, path, image| {
        if !is_by_digest(image) && tag_of(image).is_none_or(|tag| tag == "latest") {
            findings.add(resource, path, format!("is `{image}`, which says no version"));
        }
    });
}

fn digest(world: &World<'_>, findings: &mut Findings) {
    each_image(world, |resource, path, image| {
        let by_hash = tag_of(image).is_some_and(|tag| is_hex(tag.rsplit('-').next().unwrap_or(tag), 32));
        if !is_by_digest(image) && !by_hash {
            findings.add(resource, path, format!("is `{image}`, which is not named by content"));
        }
    });
}

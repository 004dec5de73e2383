//! Rules on the serve API and on everything that scales: capacity, health checks, images.

use super::facts::Facts;
use super::{
    CAPACITY_ORDER, GATEWAY_IMAGE_UNUSED, HEALTH_CHECK_TIMEOUT, IMAGE_ELSEWHERE, REST_EXISTING_DATABASE,
    REST_HEALTH_PATH,
};
use crate::report::Report;
use crate::section::image::Image;
use lisa_names::Region;

pub(super) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    existing_database(facts, report);
    health_path(facts, report);
    gateway_image(facts, report);
    let mut scaled = vec!["restApiConfig".to_owned()];
    scaled.extend(facts.items("ecsModels"));
    for owner in scaled {
        capacity(facts, &owner, report);
        timeout(facts, &owner, report);
        for image in ["containerConfig.image", "containerConfig.baseImage", "imageConfig", "baseImage"] {
            image_partition(facts, &format!("{owner}.{image}.repositoryArn"), report);
        }
    }
}

/// Rule E. The block has no effect here, but whoever brings a database expects that it is used.
fn existing_database(facts: &Facts<'_>, report: &mut Report<'_>) {
    for key in ["dbHost", "passwordSecretId"] {
        let path = format!("restApiConfig.rdsConfig.{key}");
        if facts.written(&path) {
            report.add(
                facts
                    .at(
                        &path,
                        &REST_EXISTING_DATABASE,
                        "an existing database cannot be used for the serve API",
                    )
                    .label("not used")
                    .help("Remove `restApiConfig.rdsConfig`: LISA's own gateway needs no database."),
            );
            return;
        }
    }
}

fn health_path(facts: &Facts<'_>, report: &mut Report<'_>) {
    let path = "restApiConfig.loadBalancerConfig.healthCheckConfig.path";
    if let Some(asked) = facts.text(path).filter(|asked| *asked != "/health") {
        report.add(
            facts
                .at(path, &REST_HEALTH_PATH, format!("the serve API does not answer on `{asked}`"))
                .label("no such path")
                .help("Write `/health`, or remove the key."),
        );
    }
}

fn gateway_image(facts: &Facts<'_>, report: &mut Report<'_>) {
    for image in [
        "restApiConfig.containerConfig.image",
        "restApiConfig.containerConfig.baseImage",
        "restApiConfig.imageConfig",
    ] {
        let path = format!("{image}.path");
        if facts.text(&path).is_some_and(Image::is_upstream_directory) {
            report.add(
                facts
                    .at(&path, &GATEWAY_IMAGE_UNUSED, "LISA's own gateway runs in place of the image in this directory")
                    .label("not built")
                    .help(format!("Remove `{image}`; an image of your own goes there with `type: registry` or `type: ecr`.")),
            );
        }
    }
}

fn capacity(facts: &Facts<'_>, owner: &str, report: &mut Report<'_>) {
    let (least, most) =
        (format!("{owner}.autoScalingConfig.minCapacity"), format!("{owner}.autoScalingConfig.maxCapacity"));
    let (Some(min), Some(max)) = (facts.number(&least), facts.number(&most)) else { return };
    if min > max {
        let by_default = if facts.has(&most) { "" } else { " by default" };
        report.add(
            facts
                .at(
                    &least,
                    &CAPACITY_ORDER,
                    format!("`minCapacity` is {min}, more than `maxCapacity`, which is {max}{by_default}"),
                )
                .label("more than the largest number")
                .related(facts.span(&most).filter(|_| facts.has(&most)), "the largest number")
                .help("Raise `maxCapacity` or lower `minCapacity`."),
        );
    }
}

fn timeout(facts: &Facts<'_>, owner: &str, report: &mut Report<'_>) {
    let check = format!("{owner}.loadBalancerConfig.healthCheckConfig");
    let (timeout, interval) = (format!("{check}.timeout"), format!("{check}.interval"));
    let (Some(seconds), Some(every)) = (facts.number(&timeout), facts.number(&interval)) else { return };
    if seconds >= every {
        report.add(
            facts
                .at(
                    &timeout,
                    &HEALTH_CHECK_TIMEOUT,
                    format!("a check times out after {seconds} s, and the next starts after {every} s"),
                )
                .label("not before the next check")
                .related(facts.span(&interval).filter(|_| facts.has(&interval)), "the next check")
                .help("Make `timeout` less than `interval`."),
        );
    }
}

fn image_partition(facts: &Facts<'_>, path: &str, report: &mut Report<'_>) {
    let Some(region) = facts.text("region").and_then(|region| Region::new(region).ok()) else { return };
    let partition = facts.text(path).and_then(|arn| arn.split(':').nth(1));
    if let Some(found) = partition.filter(|found| *found != region.partition().id()) {
        report.add(
            facts
                .at(
                    path,
                    &IMAGE_ELSEWHERE,
                    format!(
                        "the image is in partition `{found}`, the deployment in `{}`",
                        region.partition()
                    ),
                )
                .label("another partition")
                .help("Copy the image into a repository of the deployment's partition."),
        );
    }
}

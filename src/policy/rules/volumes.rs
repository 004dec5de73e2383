//! DATA-24: file systems and volumes.

use crate::leaf::Want;
use crate::report::Severity::{High, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::rules::instances::is_root;
use crate::settings::Profile::Dev;
use crate::world::World;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "DATA-24-encrypted",
        title: "File systems and volumes are encrypted",
        why: "A copied snapshot or disk can be read by whoever holds it.",
        remedy: "Set `Encrypted` to `true`.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::property(&["AWS::EFS::FileSystem", "AWS::EC2::Volume"], &["Encrypted"], Want::True),
    },
    Rule {
        id: "DATA-24-extra-volumes",
        title: "Volumes that instances bring are encrypted",
        why: "Model weights and scratch data can be read from a copied disk.",
        remedy: "Set `Ebs.Encrypted` to `true` for every device.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(extra_volumes),
    },
    Rule {
        id: "DATA-24-transit",
        title: "Tasks mount file systems over TLS",
        why: "Whoever listens in the network reads every file.",
        remedy: "Set `EFSVolumeConfiguration.TransitEncryption` to `ENABLED`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(transit),
    },
];

fn extra_volumes(world: &World<'_>, findings: &mut Findings) {
    for template in world.of("AWS::EC2::LaunchTemplate") {
        template.each(world, "LaunchTemplateData.BlockDeviceMappings[]", |trail, device| {
            let has_volume = world.leaves_under(template, device, "Ebs").iter().any(|leaf| leaf.is_present());
            if !has_volume || is_root(world, template, device) {
                return;
            }
            for leaf in world
                .leaves_under(template, device, "Ebs.Encrypted")
                .into_iter()
                .filter(|leaf| !leaf.is_true())
            {
                findings.add(template, format!("{trail}.Ebs.Encrypted"), Want::True.message(leaf));
            }
        });
    }
}

fn transit(world: &World<'_>, findings: &mut Findings) {
    for task in world.of("AWS::ECS::TaskDefinition") {
        task.each(world, "Volumes[].EFSVolumeConfiguration", |trail, volume| {
            if !volume.is_present() {
                return;
            }
            let want = Want::OneOf(&["ENABLED"]);
            for leaf in world
                .leaves_under(task, volume, "TransitEncryption")
                .into_iter()
                .filter(|leaf| !want.holds(*leaf))
            {
                findings.add(task, format!("{trail}.TransitEncryption"), want.message(leaf));
            }
        });
    }
}

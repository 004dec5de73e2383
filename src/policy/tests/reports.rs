//! What a report says, to people and to programs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fixtures::{Stacks, with_settings};
use crate::{Date, Place, Profile, PublicRoute, Settings, Verdict, Waiver, control};

/// A template that no sensible person would deploy. If it passes, the check is not looking.
fn canary() -> Value {
    let open = json!([{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]);
    json!({"Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "PublicRead"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": {"Statement": {
                "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            }},
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
            "Policies": [{"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}],
        }},
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
            "GroupDescription": "all", "SecurityGroupIngress": open, "SecurityGroupEgress": open,
        }},
        "Database": {"Type": "AWS::RDS::DBInstance", "Properties": {
            "PubliclyAccessible": true, "MasterUserPassword": "hunter2",
        }},
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": {"paths": {"/": {"get": {}}}}}},
    }})
}

#[test]
fn the_canary_is_refused_in_every_profile() {
    for profile in Profile::ALL {
        let stacks = Stacks::of("canary", canary());
        let report = stacks.check(&Settings::new(profile, Date::new(2027, 1, 15).unwrap()));
        assert_eq!(report.verdict, Verdict::Refused);
        let found: BTreeSet<&str> = report.open().map(|finding| finding.control).collect();
        let least = [
            "IAM-01", "IAM-03", "IAM-04", "IAM-10", "IAM-11", "DATA-15", "DATA-16", "DATA-17", "DATA-20",
            "DATA-22", "DATA-25", "DATA-28", "NET-31", "NET-36", "API-57",
        ];
        for control in least {
            assert!(found.contains(control), "{profile}: {control} is not in {found:?}");
        }
    }
}

#[test]
fn nothing_to_look_at_is_not_clean() {
    let settings = Settings::new(Profile::Standard, Date::new(2027, 1, 15).unwrap());
    for template in [json!({}), json!({"Resources": {}}), json!([]), json!({"Resources": 3})] {
        let report = Stacks::of("empty", template).check(&settings);
        assert_eq!(report.verdict, Verdict::Empty);
        assert!(report.to_string().starts_with("Nothing was checked in 0 resources of 1 stack"), "{report}");
    }
    assert_eq!(crate::check(&[], &settings).verdict, Verdict::Empty);
}

#[test]
fn nonsense_is_judged_without_a_panic() {
    let settings = Settings::new(Profile::Hardened, Date::new(2027, 1, 15).unwrap());
    let nonsense = [
        json!(null),
        json!(3),
        json!([[]]),
        json!({"Fn::If": [1]}),
        json!({"Fn::Sub": 3}),
        json!({"Ref": []}),
    ];
    let mut judged = 0;
    for (round, (id, kind)) in Stacks::good().resources().into_iter().enumerate() {
        for value in &nonsense {
            let template = json!({"Resources": {"X": {"Type": kind, "Properties": value}, "Y": value, "Z": {"Type": value}}});
            judged += Stacks::of("x", template).check(&settings).evaluated.resources;
        }
        let properties = Stacks::good().get(&format!("{id}/Properties"));
        for (turn, key) in properties.as_object().unwrap().keys().enumerate() {
            let mut broken = Stacks::good();
            broken.set(&format!("{id}/Properties/{key}"), nonsense[(round + turn) % nonsense.len()].clone());
            judged += broken.check(&settings).evaluated.resources;
        }
    }
    assert!(judged > 1000);
}

#[test]
fn a_circle_of_published_values_ends() {
    let mut stacks = Stacks::good();
    let declaration = json!({"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/dev/lisa/vpcCidr"});
    stacks.parameter("network", "Itself", declaration);
    stacks.set("network/PublishedCidr/Properties/Value", json!({"Fn::Sub": "${Itself}${Itself}"}));
    let report = with_settings(Profile::Standard, |settings| stacks.check(&settings));
    assert!(report.open().all(|finding| finding.control == "NET-32"), "{report}");
}

#[test]
fn a_report_reads_well() {
    let mut stacks = Stacks::good();
    stacks.set("serve/BalancerGroup/Properties/SecurityGroupIngress/0/ToPort", json!(65535));
    stacks.set("data/Database/Properties/MultiAZ", json!({"Fn::If": ["IsProduction", true, false]}));
    stacks.remove("core/Table/DeletionPolicy");
    stacks.remove("core/Secret/Properties/KmsKeyId");
    let waivers = [
        Waiver {
            control: "DATA-28".to_owned(),
            resource: "core/Table".to_owned(),
            owner: "platform team".to_owned(),
            reason: "a scratch table".to_owned(),
            expires: "2027-06-30".to_owned(),
        },
        Waiver {
            control: "NET-38".to_owned(),
            resource: "*".to_owned(),
            owner: "network team".to_owned(),
            reason: "internal only".to_owned(),
            expires: "2026-12-31".to_owned(),
        },
    ];
    let report = with_settings(Profile::Standard, |settings| {
        stacks.check(&Settings { waivers: &waivers, ..settings })
    });
    insta::assert_snapshot!(report);
}

#[test]
fn a_program_reads_the_same() {
    let mut stacks = Stacks::good();
    stacks.set("core/DataKey/Properties/EnableKeyRotation", json!(false));
    let report = with_settings(Profile::Dev, |settings| stacks.check(&settings));
    let data = serde_json::to_value(&report).unwrap();
    assert_eq!(data["profile"], "dev");
    assert_eq!(data["verdict"], "refused");
    let finding = &data["findings"][0];
    assert_eq!(finding["control"], "DATA-13");
    assert_eq!(finding["rule"], "DATA-13-rotation");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(finding["stack"], "core");
    assert_eq!(finding["logical_id"], "DataKey");
    assert_eq!(finding["path"], "EnableKeyRotation");
    assert_eq!(finding["message"], "is `false`, must be `true`");
    assert_eq!(data["evaluated"]["stacks"], 5);
}

#[test]
fn what_a_profile_relaxes_is_shown() {
    let mut stacks = Stacks::good();
    stacks.set("data/Database/Properties/MultiAZ", json!(false));
    let dev = with_settings(Profile::Dev, |settings| stacks.check(&settings));
    assert_eq!(dev.verdict, Verdict::Clean);
    assert_eq!(dev.relaxed.len(), 1);
    assert_eq!((dev.relaxed[0].rule, dev.relaxed[0].from), ("DATA-22-zones", Profile::Standard));
    assert_eq!(dev.relaxed[0].resources, ["data/Database"]);
    let standard = with_settings(Profile::Standard, |settings| stacks.check(&settings));
    assert_eq!(standard.verdict, Verdict::Refused);
}

#[test]
fn a_deployment_that_may_be_torn_down_need_not_be_hard_to_delete() {
    let mut stacks = Stacks::good();
    stacks.set("data/Database/Properties/DeletionProtection", json!(false));
    let kept = with_settings(Profile::Standard, |settings| stacks.check(&settings));
    assert_eq!(kept.open().map(|finding| finding.rule).collect::<Vec<_>>(), ["DATA-22-deletion"]);
    let torn_down =
        with_settings(Profile::Standard, |settings| stacks.check(&Settings { disposable: true, ..settings }));
    assert_eq!(torn_down.verdict, Verdict::Clean);
    assert_eq!(
        (torn_down.relaxed[0].rule, torn_down.relaxed[0].by_removal_policy),
        ("DATA-22-deletion", true)
    );
    assert!(torn_down.to_string().contains("with `removalPolicy: retain`"), "it is said what asks for it");
}

#[test]
fn facts_of_the_deployment_decide() {
    let with = |change: &dyn Fn(&mut Settings<'_>)| -> BTreeSet<String> {
        with_settings(Profile::Hardened, |mut settings| {
            change(&mut settings);
            Stacks::good().check(&settings).open().map(|finding| finding.rule.to_owned()).collect()
        })
    };
    let only = |rule: &str| BTreeSet::from([rule.to_owned()]);
    assert_eq!(with(&|settings| settings.internet_facing = false), only("NET-31-open-ingress"));
    assert_eq!(with(&|settings| settings.place.fips = true), only("NET-37-tls"));
    assert_eq!(with(&|settings| settings.public_routes = &[]), only("API-57-authorizer"));
    assert_eq!(with(&|settings| settings.unscoped_actions = &|_| false), only("IAM-03-any-resource"));
    let routes = [PublicRoute { method: "GET".to_owned(), path: "/models".to_owned() }];
    let found = with_settings(Profile::Dev, |settings| {
        Stacks::good().check(&Settings { public_routes: &routes, ..settings }).open().count()
    });
    assert_eq!(found, 1, "a listed route does not make another one public");
}

#[test]
fn what_a_partition_lacks_is_not_asked_for() {
    let mut stacks = Stacks::good();
    stacks.remove("serve/BalancerAcl").remove("api/ApiAcl").remove("network/Endpointkms");
    stacks.remove("serve/Service/Properties/DeploymentConfiguration");
    stacks.remove("serve/Cluster/Properties/ClusterSettings");
    let report = with_settings(Profile::Hardened, |settings| {
        let place = Place {
            waf: false,
            circuit_breaker: false,
            container_insights: false,
            endpoint_exists: &|name| name != "kms",
            ..settings.place
        };
        stacks.check(&Settings { place, ..settings })
    });
    assert_eq!(report.verdict, Verdict::Clean, "{report}");
}

#[test]
fn the_deployments_own_partition_may_be_named() {
    let mut stacks = Stacks::good();
    let certificate = json!([{"CertificateArn": "arn:aws-us-gov:iam::012345678901:server-certificate/own"}]);
    stacks.set("serve/Https/Properties/Certificates", certificate);
    for (partition, clean) in [(Some("aws-us-gov"), true), (Some("aws"), false), (None, false)] {
        let report = with_settings(Profile::Standard, |settings| {
            let place = Place { partition, ..settings.place };
            stacks.check(&Settings { place, ..settings })
        });
        assert_eq!(report.verdict == Verdict::Clean, clean, "{partition:?}");
    }
}

#[test]
fn the_order_of_templates_does_not_matter() {
    let mut stacks = Stacks::good();
    stacks.remove("core/Table/DeletionPolicy");
    stacks.remove("api/ApiLogs/DeletionPolicy");
    let one = with_settings(Profile::Standard, |settings| stacks.check(&settings));
    let other = with_settings(Profile::Standard, |settings| stacks.reversed().check(&settings));
    assert_eq!(one, other);
    assert!(one.open().all(|finding| control(finding.control).is_some()));
}

//! `lisa validate`: the ways to name a file, its answers, and what the environment changes.

use insta::assert_snapshot;

use crate::cli::project::{MINIMAL, Project};

#[test]
fn a_valid_file() {
    assert_snapshot!(Project::minimal().lisa(&["validate"]), @"
    exit 0
    --- stderr
    config.yaml is valid
    ");
}

#[test]
fn a_valid_file_as_data() {
    assert_snapshot!(Project::minimal().lisa(&["validate", "--output", "json"]), @r#"
    exit 0
    --- stdout
    {
      "file": "config.yaml",
      "env": null,
      "problems": []
    }
    "#);
}

#[test]
fn warnings_are_shown_and_the_file_is_accepted() {
    let project = Project::with(&format!("{MINIMAL}accountNumbersEcr: [011122223333]\n"));
    assert_snapshot!(project.lisa(&["validate"]), @r#"
    exit 0
    --- stderr
    account-unquoted

      ! an account number without quotes loses its leading zero in other YAML
      | readers
        ,-[config.yaml:10:21]
      9 |     sslCertIamArn: arn:aws:iam::111122223333:server-certificate/lisa
     10 | accountNumbersEcr: [011122223333]
        :                     ^^^^^^|^^^^^
        :                           `-- read with its zero here
        `----
      help: Write `"011122223333"`.

    config.yaml is valid, with 1 warning
    "#);
}

#[test]
fn quiet_says_nothing_of_a_file_that_is_accepted() {
    let project = Project::with(&format!("{MINIMAL}accountNumbersEcr: [011122223333]\n"));
    let conversation = project.lisa(&["validate", "--quiet"]);
    assert_eq!(conversation.to_string(), "exit 0\n");
}

#[test]
fn all_problems_are_reported_in_one_run() {
    let project =
        Project::with("accountNumber: \"1234\"\nregion: us-east-1\ndeployChat: yes\nlogLevl: DEBUG\n");
    assert_snapshot!(project.lisa(&["validate"]), @r#"
    exit 3
    --- stderr
    missing-key

      x `s3BucketModels` is missing
       ,-[config.yaml:1:1]
     1 | accountNumber: "1234"
       : ^^^^^^|^^^^^^
       :       `-- needs `s3BucketModels`
     2 | region: us-east-1
       `----
      help: Add `s3BucketModels: ...`; config.yaml.example shows how.

    auth-config-missing

      x `authConfig` is missing: `deployUi` needs an identity provider
       ,-[config.yaml:1:1]
     1 | accountNumber: "1234"
       : ^^^^^^|^^^^^^
       :       `-- needs `authConfig`
     2 | region: us-east-1
       `----
      help: Add `authConfig` with `authority` and `clientId`.

    wrong-form

      x `1234` does not have the form of `accountNumber`
       ,-[config.yaml:1:16]
     1 | accountNumber: "1234"
       :                ^^^|^^
       :                   `-- wrong form
     2 | region: us-east-1
       `----
      help: Write exactly 12 digits, in quotes.

    yaml-boolean-word

      x `deployChat` is the text `yes`, not a boolean
       ,-[config.yaml:3:13]
     2 | region: us-east-1
     3 | deployChat: yes
       :             ^|^
       :              `-- a text
     4 | logLevl: DEBUG
       `----
      help: Write `true`: only `true` and `false` are booleans.

    unknown-key

      x `logLevl` is not a setting
       ,-[config.yaml:4:1]
     3 | deployChat: yes
     4 | logLevl: DEBUG
       : ^^^|^^^
       :    `-- unknown key
       `----
      help: Did you mean `logLevel`?

    config.yaml: 5 errors
    "#);
}

#[test]
fn problems_as_data() {
    let project = Project::with(&MINIMAL.replace("us-east-1", "mars"));
    assert_snapshot!(project.lisa(&["validate", "--output", "json"]), @r#"
    exit 3
    --- stdout
    {
      "error": "config",
      "exit": 3,
      "message": "`config.yaml` is not valid",
      "file": "config.yaml",
      "problems": [
        {
          "rule": "wrong-form",
          "severity": "error",
          "message": "`mars` does not have the form of `region`",
          "path": "region",
          "span": {
            "start": 38,
            "end": 42
          },
          "line": 2,
          "column": 9,
          "label": "wrong form",
          "help": "Write a region such as `us-east-1` or `us-gov-west-1`.",
          "related": []
        }
      ]
    }
    "#);
}

#[test]
fn a_file_that_is_not_there() {
    assert_snapshot!(Project::empty().lisa(&["validate"]), @"
    exit 2
    --- stderr
      x there is no file `config.yaml`
      help: Write one with `lisa init`, or name another one with `--config`.
    ");
}

#[test]
fn a_file_that_is_not_there_as_data() {
    assert_snapshot!(Project::empty().lisa(&["validate", "--output", "json"]), @r#"
    exit 2
    --- stdout
    {
      "error": "usage",
      "exit": 2,
      "message": "there is no file `config.yaml`",
      "help": "Write one with `lisa init`, or name another one with `--config`."
    }
    "#);
}

#[test]
fn a_directory() {
    let project = Project::empty();
    project.write("prod/config.yaml", MINIMAL);
    assert_snapshot!(project.lisa(&["validate", "--config", "prod"]), @"
    exit 2
    --- stderr
      x `prod` is a directory
      help: Name a file in it.
    ");
}

#[test]
fn a_file_that_is_no_text() {
    let project = Project::empty();
    project.write("config.yaml", b"accountNumber: 1\nregion: \xff\n");
    assert_snapshot!(project.lisa(&["validate"]), @"
    exit 3
    --- stderr
      x `config.yaml` is not UTF-8 text: line 2 has the byte 0xff
      help: Save the file in the encoding UTF-8.
    ");
}

#[test]
fn standard_input() {
    assert_snapshot!(Project::empty().lisa_reading(&["validate", "-c", "-"], MINIMAL), @"
    exit 0
    --- stderr
    standard input is valid
    ");
}

#[test]
fn an_unknown_key_may_be_allowed() {
    let project = Project::with(&format!("{MINIMAL}logLevl: DEBUG\n"));
    assert_snapshot!(project.lisa(&["validate", "--allow-unknown"]), @"
    exit 0
    --- stderr
    unknown-key

      ! `logLevl` is not a setting
        ,-[config.yaml:10:1]
      9 |     sslCertIamArn: arn:aws:iam::111122223333:server-certificate/lisa
     10 | logLevl: DEBUG
        : ^^^|^^^
        :    `-- unknown key
        `----
      help: Did you mean `logLevel`?

    config.yaml is valid, with 1 warning
    ");
}

/// Two environments, of which the file itself selects the first.
const BLOCKS: &str = "\
env: dev
dev:
  accountNumber: \"111122223333\"
  region: us-east-1
  deploymentName: one
  s3BucketModels: my-models
  deployChat: false
  deployUi: false
  restApiConfig: { internetFacing: false }
prod:
  accountNumber: \"444455556666\"
  region: eu-west-1
  deploymentName: two
  s3BucketModels: my-models
  deployChat: false
  deployUi: false
  restApiConfig: { internetFacing: false }
";

#[test]
fn the_environment_is_selected_by_file_variable_and_flag_in_this_order() {
    let selected = |project: &Project, arguments: &[&str]| project.lisa(arguments).json()["env"].clone();
    let json = ["validate", "--output", "json"];
    assert_eq!(selected(&Project::with(BLOCKS), &json), "dev");
    let project = Project::with(BLOCKS).env("ENV", "prod");
    assert_eq!(selected(&project, &json), "prod");
    assert_eq!(selected(&project, &["validate", "--output", "json", "--env", "dev"]), "dev");
}

#[test]
fn an_environment_that_is_not_in_the_file() {
    assert_snapshot!(Project::with(BLOCKS).lisa(&["validate", "--env", "pord"]), @"
    exit 3
    --- stderr
    environment-missing

      x there is no block for environment `pord`
      help: The file has `dev`, `prod`: name one with `env` or the variable ENV.

    config.yaml: 1 error
    ");
}

#[test]
fn variables_stand_in_for_keys() {
    let project = Project::with(BLOCKS)
        .env("ACCOUNT_NUMBER", "777788889999")
        .env("DEPLOYMENT_NAME", "three")
        .env("REGION", "us-gov-west-1")
        .env("PROFILE", "somebody");
    assert_eq!(project.lisa(&["synth", "--no-check"]).exit, Some(0));
    let manifest: serde_json::Value = serde_json::from_str(&project.read("lisa.out/manifest.json")).unwrap();
    assert_eq!(manifest["account"], "777788889999");
    assert_eq!(manifest["deployment"], "three");
    assert_eq!(manifest["region"], "us-gov-west-1");
    assert_eq!(manifest["partition"], "aws-us-gov");
}

#[test]
fn an_empty_variable_changes_nothing() {
    let project = Project::minimal().env("REGION", "").env("ENV", "").env("ACCOUNT_NUMBER", "");
    assert_eq!(project.lisa(&["validate"]).exit, Some(0));
}

#[test]
fn a_variable_is_held_to_the_rules_of_its_key() {
    assert_snapshot!(Project::minimal().env("ACCOUNT_NUMBER", "12").lisa(&["validate"]), @"
    exit 3
    --- stderr
    wrong-form

      x `12` does not have the form of `accountNumber`
      help: Write exactly 12 digits, in quotes. The value comes from an option or
            environment variable, not from the file.

    certificate-elsewhere

      x the certificate is in account `111122223333`, the deployment in `12`
       ,-[config.yaml:9:20]
     8 |   loadBalancerConfig:
     9 |     sslCertIamArn: arn:aws:iam::111122223333:server-certificate/lisa
       :                    ^^^^^^^^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^^^^^^^^^
       :                                            `-- another account
       `----
      help: Give a certificate of account `12`.

    config.yaml: 2 errors
    ");
}

#[test]
fn colour_is_for_terminals_alone() {
    let conversation = Project::with("region: mars\n").lisa(&["validate"]);
    assert!(!conversation.stderr.contains('\u{1b}'), "{conversation}");
    assert!(conversation.stderr.is_ascii(), "{conversation}");
}

//! `lisa init`: conversations, flags alone, refusals; what it writes is always valid.

use insta::assert_snapshot;

use crate::cli::project::{Conversation, MINIMAL, Project};

/// The conversation and the file that came of it, which must be valid.
fn told(project: &Project, conversation: &Conversation) -> String {
    let validated = project.lisa(&["validate"]);
    assert_eq!(validated.exit, Some(0), "{conversation}\n{validated}");
    format!("{conversation}--- config.yaml\n{}", project.read("config.yaml"))
}

#[test]
fn defaults_and_what_has_none() {
    let project = Project::empty();
    let conversation = project.lisa(&["init", "--yes", "--account", "111122223333", "--bucket", "my-models"]);
    assert_snapshot!(told(&project, &conversation), @r#"
    exit 0
    --- stderr
    wrote config.yaml
    next: lisa validate, then lisa synth
    --- config.yaml
    # yaml-language-server: $schema=config.schema.json
    # An editor checks this file by the line above once `lisa schema > config.schema.json` was run.

    accountNumber: "111122223333"
    region: us-east-1
    deploymentName: "prod"

    # Holds the weights of each model under its Hugging Face name.
    s3BucketModels: "my-models"

    # Both need an identity provider: `authConfig`.
    deployChat: false
    deployUi: false

    restApiConfig:
      # From the internet it is reached only with an identity provider.
      internetFacing: false
      # Without a certificate the serve API speaks plain HTTP, which `lisa synth` refuses unless told otherwise.
      # loadBalancerConfig:
      #   sslCertIamArn: arn:aws:acm:...
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the file that is written is shown whole")]
fn flags_alone() {
    let project = Project::empty();
    let conversation = project.lisa(&[
        "init",
        "--yes",
        "--partition=aws-us-gov",
        "--region=us-gov-east-1",
        "--account=011122223333",
        "--name=demo",
        "--bucket=my-models",
        "--authority=https://login.example.com/realms/lisa",
        "--client-id=lisa",
        "--admin-group=admins",
        "--vpc=vpc-0123456789abcdef0",
        "--certificate=arn:aws-us-gov:iam::011122223333:server-certificate/lisa",
        "--rag=pgvector",
        "--model=mistralai/Mistral-7B-Instruct-v0.2",
        "--embedding-model=intfloat/e5-large-v2",
    ]);
    assert_snapshot!(told(&project, &conversation), @r#"
    exit 0
    --- stderr
    wrote config.yaml
    next: lisa validate, then lisa synth
    --- config.yaml
    # yaml-language-server: $schema=config.schema.json
    # An editor checks this file by the line above once `lisa schema > config.schema.json` was run.

    accountNumber: "011122223333"
    region: us-gov-east-1
    deploymentName: "demo"

    # Holds the weights of each model under its Hugging Face name.
    s3BucketModels: "my-models"

    # Its subnets are asked for at deploy time unless `subnets` lists them.
    vpcId: vpc-0123456789abcdef0

    authConfig:
      authority: "https://login.example.com/realms/lisa"
      clientId: "lisa"
      adminGroup: "admins"

    restApiConfig:
      internetFacing: true
      loadBalancerConfig:
        sslCertIamArn: "arn:aws-us-gov:iam::011122223333:server-certificate/lisa"

    deployRag: true
    ragRepositories:
      - repositoryId: documents
        type: pgvector
        rdsConfig:
          username: postgres

    ecsModels:
      - modelName: "mistralai/Mistral-7B-Instruct-v0.2"
        modelType: textgen
        instanceType: g5.xlarge
        baseImage: ghcr.io/huggingface/text-generation-inference:2.0.1
        loadBalancerConfig:
          sslCertIamArn: "arn:aws-us-gov:iam::011122223333:server-certificate/lisa"
        streaming: true
      - modelName: "intfloat/e5-large-v2"
        modelType: embedding
        instanceType: g5.xlarge
        baseImage: ghcr.io/huggingface/text-embeddings-inference:1.2.3
        loadBalancerConfig:
          sslCertIamArn: "arn:aws-us-gov:iam::011122223333:server-certificate/lisa"
    "#);
}

#[test]
fn every_partition_has_a_valid_default() {
    for partition in
        ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"]
    {
        let project = Project::empty();
        let index = "https://pypi.example.org/simple";
        let arguments =
            ["init", "--yes", "--account", "111122223333", "--bucket", "my-models", "--partition", partition];
        let isolated = partition.starts_with("aws-iso");
        let more: &[&str] = if isolated { &["--python-index", index] } else { &[] };
        let conversation = project.lisa(&[&arguments[..], more].concat());
        assert_eq!(conversation.exit, Some(0), "{partition}: {conversation}");
        assert_eq!(project.lisa(&["validate"]).exit, Some(0), "{partition}");
    }
}

#[test]
fn a_conversation_with_every_answer_by_default() {
    let project = Project::empty();
    let conversation = project.lisa_reading(&["init"], "\n\n111122223333\n\nmy-models\n\n\n\n\n\n");
    assert_snapshot!(told(&project, &conversation), @r#"
    exit 0
    --- stderr
    Partition [aws]:
    Region [us-east-1]:
    AWS account number:
    Name of the deployment [prod]:
    Existing bucket with the model weights:
    Issuer URL of the identity provider (empty: no chat, web page and RAG):
    Existing VPC (empty: a new one):
    ARN of the load balancers' certificate, in ACM or IAM (empty: plain HTTP):
    Text models to host, by Hugging Face name (empty: none):
    Embedding models to host (empty: none):
    wrote config.yaml
    next: lisa validate, then lisa synth
    --- config.yaml
    # yaml-language-server: $schema=config.schema.json
    # An editor checks this file by the line above once `lisa schema > config.schema.json` was run.

    accountNumber: "111122223333"
    region: us-east-1
    deploymentName: "prod"

    # Holds the weights of each model under its Hugging Face name.
    s3BucketModels: "my-models"

    # Both need an identity provider: `authConfig`.
    deployChat: false
    deployUi: false

    restApiConfig:
      # From the internet it is reached only with an identity provider.
      internetFacing: false
      # Without a certificate the serve API speaks plain HTTP, which `lisa synth` refuses unless told otherwise.
      # loadBalancerConfig:
      #   sslCertIamArn: arn:aws:acm:...
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the conversation is shown whole")]
fn a_conversation_in_full() {
    let project = Project::empty();
    let answers = "aws-eusc\n\n111122223333\ndemo\nmy-models\nhttps://login.example.com\nlisa\nadmins\n\
                   vpc-0123456789abcdef0\narn:aws-eusc:iam::111122223333:server-certificate/lisa\nopensearch\nmistralai/Mistral-7B-Instruct-v0.2\nintfloat/e5-large-v2\n";
    let conversation = project.lisa_reading(&["init"], answers);
    assert_snapshot!(told(&project, &conversation), @r#"
    exit 0
    --- stderr
    Partition [aws]:
    Region [eusc-de-east-1]:
    AWS account number:
    Name of the deployment [prod]:
    Existing bucket with the model weights:
    Issuer URL of the identity provider (empty: no chat, web page and RAG):
    Client id of LISA at the provider:
    Group of the administrators (empty: nobody):
    Existing VPC (empty: a new one):
    ARN of the load balancers' certificate, in ACM or IAM (empty: plain HTTP):
    Vector store for RAG (none, opensearch, pgvector) [none]:
    Text models to host, by Hugging Face name (empty: none):
    Embedding models to host (empty: none):
    wrote config.yaml
    next: lisa validate, then lisa synth
    --- config.yaml
    # yaml-language-server: $schema=config.schema.json
    # An editor checks this file by the line above once `lisa schema > config.schema.json` was run.

    accountNumber: "111122223333"
    region: eusc-de-east-1
    deploymentName: "demo"

    # Holds the weights of each model under its Hugging Face name.
    s3BucketModels: "my-models"

    # Its subnets are asked for at deploy time unless `subnets` lists them.
    vpcId: vpc-0123456789abcdef0

    authConfig:
      authority: "https://login.example.com"
      clientId: "lisa"
      adminGroup: "admins"

    restApiConfig:
      internetFacing: true
      loadBalancerConfig:
        sslCertIamArn: "arn:aws-eusc:iam::111122223333:server-certificate/lisa"

    deployRag: true
    ragRepositories:
      - repositoryId: documents
        type: opensearch
        opensearchConfig:
          dataNodes: 2

    ecsModels:
      - modelName: "mistralai/Mistral-7B-Instruct-v0.2"
        modelType: textgen
        instanceType: g5.xlarge
        baseImage: ghcr.io/huggingface/text-generation-inference:2.0.1
        loadBalancerConfig:
          sslCertIamArn: "arn:aws-eusc:iam::111122223333:server-certificate/lisa"
        streaming: true
      - modelName: "intfloat/e5-large-v2"
        modelType: embedding
        instanceType: g5.xlarge
        baseImage: ghcr.io/huggingface/text-embeddings-inference:1.2.3
        loadBalancerConfig:
          sslCertIamArn: "arn:aws-eusc:iam::111122223333:server-certificate/lisa"
    "#);
}

#[test]
fn a_wrong_answer_is_explained_and_asked_for_again() {
    let project = Project::empty();
    let answers = "asw\naws\neu-wset-1\nus-gov-west-1\neu-west-1\n1234\n\n111122223333\n\nMy Models\nmy-models\n\
                   https://login.example.com\nlisa\n\n\n\nwarehouse\nnone\n\n\n";
    let conversation = project.lisa_reading(&["init"], answers);
    assert_snapshot!(told(&project, &conversation), @r#"
    exit 0
    --- stderr
    Partition [aws]:
      `asw` is not a partition: AWS has none of this name, partitions are aws, aws-cn, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-us-gov
    Partition [aws]:
    Region [us-east-1]:
      `eu-wset-1` is no region known to this version; `--region` takes it all the same
    Region [us-east-1]:
      `us-gov-west-1` lies in the partition `aws-us-gov`, not in `aws`
    Region [us-east-1]:
    AWS account number:
      `1234` is not an AWS account number: it has 4 characters, allowed are exactly 12 digits
    AWS account number:
      this one is needed
    AWS account number:
    Name of the deployment [prod]:
    Existing bucket with the model weights:
      `My Models` is not a bucket name: character 1 is `M`, allowed are 3 to 63 lowercase letters, digits, dots and hyphens, from a letter or digit to a letter or digit
    Existing bucket with the model weights:
    Issuer URL of the identity provider (empty: no chat, web page and RAG):
    Client id of LISA at the provider:
    Group of the administrators (empty: nobody):
    Existing VPC (empty: a new one):
    ARN of the load balancers' certificate, in ACM or IAM (empty: plain HTTP):
    Vector store for RAG (none, opensearch, pgvector) [none]:
      `warehouse` is not a choice: none, opensearch, pgvector
    Vector store for RAG (none, opensearch, pgvector) [none]:
    Text models to host, by Hugging Face name (empty: none):
    Embedding models to host (empty: none):
    wrote config.yaml
    next: lisa validate, then lisa synth
    --- config.yaml
    # yaml-language-server: $schema=config.schema.json
    # An editor checks this file by the line above once `lisa schema > config.schema.json` was run.

    accountNumber: "111122223333"
    region: eu-west-1
    deploymentName: "prod"

    # Holds the weights of each model under its Hugging Face name.
    s3BucketModels: "my-models"

    authConfig:
      authority: "https://login.example.com"
      clientId: "lisa"

    restApiConfig:
      internetFacing: true
      # Without a certificate the serve API speaks plain HTTP, which `lisa synth` refuses unless told otherwise.
      # loadBalancerConfig:
      #   sslCertIamArn: arn:aws:acm:...
    "#);
}

#[test]
fn what_a_flag_has_answered_is_not_asked() {
    let project = Project::empty();
    let flags = [
        "init",
        "--region",
        "eu-west-1",
        "--account",
        "111122223333",
        "--bucket",
        "my-models",
        "--name",
        "demo",
    ];
    let conversation = project.lisa_reading(&flags, "\n\n\n\n\n");
    assert_snapshot!(told(&project, &conversation), @r#"
    exit 0
    --- stderr
    Issuer URL of the identity provider (empty: no chat, web page and RAG):
    Existing VPC (empty: a new one):
    ARN of the load balancers' certificate, in ACM or IAM (empty: plain HTTP):
    Text models to host, by Hugging Face name (empty: none):
    Embedding models to host (empty: none):
    wrote config.yaml
    next: lisa validate, then lisa synth
    --- config.yaml
    # yaml-language-server: $schema=config.schema.json
    # An editor checks this file by the line above once `lisa schema > config.schema.json` was run.

    accountNumber: "111122223333"
    region: eu-west-1
    deploymentName: "demo"

    # Holds the weights of each model under its Hugging Face name.
    s3BucketModels: "my-models"

    # Both need an identity provider: `authConfig`.
    deployChat: false
    deployUi: false

    restApiConfig:
      # From the internet it is reached only with an identity provider.
      internetFacing: false
      # Without a certificate the serve API speaks plain HTTP, which `lisa synth` refuses unless told otherwise.
      # loadBalancerConfig:
      #   sslCertIamArn: arn:aws:acm:...
    "#);
}

#[test]
fn the_end_of_the_answers_is_an_interruption() {
    let project = Project::empty();
    let conversation = project.lisa_reading(&["init"], "aws\neu-west-1\n");
    assert!(project.files().is_empty());
    assert_snapshot!(conversation, @"
    exit 130
    --- stderr
    Partition [aws]:
    Region [us-east-1]:
    AWS account number:
      x interrupted, nothing was written
    ");
}

#[test]
fn yes_needs_what_has_no_default() {
    assert_snapshot!(Project::empty().lisa(&["init", "--yes"]), @"
    exit 2
    --- stderr
      x `--yes` needs `--account` and `--bucket`
      help: Nothing stands in for these; without `--yes` they are asked for.
    ");
}

#[test]
fn an_existing_file_is_not_overwritten() {
    let project = Project::minimal();
    let conversation =
        project.lisa(&["init", "--yes", "--account", "444455556666", "--bucket", "other-models"]);
    assert_eq!(project.read("config.yaml"), MINIMAL);
    assert_snapshot!(conversation, @"
    exit 2
    --- stderr
      x `config.yaml` exists already
      help: Pass `--force` to write over it, or `--config` with another name.
    ");
}

#[test]
fn an_existing_file_is_overwritten_by_force() {
    let project = Project::minimal();
    let conversation =
        project.lisa(&["init", "--yes", "--force", "--account", "444455556666", "--bucket", "other-models"]);
    assert_eq!(conversation.exit, Some(0), "{conversation}");
    assert!(project.read("config.yaml").contains("444455556666"));
}

#[test]
fn a_partition_and_a_region_that_do_not_belong_together() {
    let arguments = [
        "--partition",
        "aws-cn",
        "--region",
        "us-east-1",
        "--account",
        "111122223333",
        "--bucket",
        "my-models",
    ];
    assert_snapshot!(Project::empty().lisa(&[&["init", "--yes"][..], &arguments].concat()), @"
    exit 2
    --- stderr
      x `us-east-1` lies in the partition `aws`, not in `aws-cn`
      help: Leave out `--partition`: it follows from the region.
    ");
}

#[test]
fn rag_needs_an_identity_provider() {
    let arguments =
        ["init", "--yes", "--account", "111122223333", "--bucket", "my-models", "--rag", "opensearch"];
    assert_snapshot!(Project::empty().lisa(&arguments), @"
    exit 2
    --- stderr
      x `--rag` needs an identity provider
      help: Give `--authority` and `--client-id`: who may search is decided by the
            provider's groups.
    ");
}

#[test]
fn an_answer_that_only_the_rules_can_judge_is_refused_with_its_line() {
    let project = Project::empty();
    let arguments = ["--authority", "login.example.com", "--client-id", "lisa"];
    let conversation = project.lisa(
        &[&["init", "--yes", "--account", "111122223333", "--bucket", "my-models"][..], &arguments].concat(),
    );
    assert!(project.files().is_empty());
    assert_snapshot!(conversation, @r#"
    exit 3
    --- stderr
    wrong-form

      x `login.example.com` does not have the form of `authConfig.authority`
        ,-[config.yaml:12:14]
     11 | authConfig:
     12 |   authority: "login.example.com"
        :              ^^^^^^^^^|^^^^^^^^^
        :                       `-- wrong form
     13 |   clientId: "lisa"
        `----
      help: Write a URL that starts with `https://` or `http://`.

    config.yaml: 1 error
    "#);
}

#[test]
fn another_file_name_is_in_the_next_step() {
    let project = Project::empty();
    let conversation = project.lisa(&[
        "init",
        "--yes",
        "-c",
        "demo.yaml",
        "--account",
        "111122223333",
        "--bucket",
        "my-models",
    ]);
    assert_eq!(project.files(), ["demo.yaml"]);
    assert_snapshot!(conversation, @"
    exit 0
    --- stderr
    wrote demo.yaml
    next: lisa validate --config demo.yaml, then lisa synth --config demo.yaml
    ");
}

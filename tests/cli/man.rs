//! `lisa man`: a page for each command.

use crate::cli::project::Project;

#[test]
fn every_command_has_a_page() {
    let project = Project::empty();
    let conversation = project.lisa(&["man", "pages/man1"]);
    insta::assert_snapshot!(format!("{conversation}{}", project.files().join("\n")), @"
    exit 0
    --- stderr
    wrote 46 manual pages to pages/man1
    pages/man1/lisa-bootstrap.1
    pages/man1/lisa-build.1
    pages/man1/lisa-bundle.1
    pages/man1/lisa-cert-generate.1
    pages/man1/lisa-cert-upload.1
    pages/man1/lisa-cert.1
    pages/man1/lisa-check.1
    pages/man1/lisa-completions.1
    pages/man1/lisa-deploy.1
    pages/man1/lisa-destroy.1
    pages/man1/lisa-diff.1
    pages/man1/lisa-doctor.1
    pages/man1/lisa-graph.1
    pages/man1/lisa-image-mirror.1
    pages/man1/lisa-image.1
    pages/man1/lisa-init.1
    pages/man1/lisa-list.1
    pages/man1/lisa-local.1
    pages/man1/lisa-logs.1
    pages/man1/lisa-man.1
    pages/man1/lisa-model-add.1
    pages/man1/lisa-model-delete.1
    pages/man1/lisa-model-fit.1
    pages/man1/lisa-model-get.1
    pages/man1/lisa-model-list.1
    pages/man1/lisa-model-stage.1
    pages/man1/lisa-model-start.1
    pages/man1/lisa-model-stop.1
    pages/man1/lisa-model-synth.1
    pages/man1/lisa-model-update.1
    pages/man1/lisa-model.1
    pages/man1/lisa-outputs.1
    pages/man1/lisa-rag-eval.1
    pages/man1/lisa-rag-ingest.1
    pages/man1/lisa-rag-search.1
    pages/man1/lisa-rag.1
    pages/man1/lisa-schema.1
    pages/man1/lisa-status.1
    pages/man1/lisa-synth.1
    pages/man1/lisa-token-create.1
    pages/man1/lisa-token-list.1
    pages/man1/lisa-token-revoke.1
    pages/man1/lisa-token.1
    pages/man1/lisa-usage.1
    pages/man1/lisa-validate.1
    pages/man1/lisa.1
    ");
    let page = project.read("pages/man1/lisa-synth.1");
    assert!(page.contains(".TH") && page.contains("Examples") && page.contains("no\\-check"), "{page}");
}

#[test]
fn a_directory_that_cannot_be_made_needs_action() {
    let project = Project::empty();
    project.write("pages", "a file");
    insta::assert_snapshot!(project.lisa(&["man", "pages"]), @"
    exit 6
    --- stderr
      x could not write `pages`: file exists
    ");
}

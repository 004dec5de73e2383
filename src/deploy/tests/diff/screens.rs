//! How a diff of real stacks looks: `examples/pgvector.yaml` against an edited one, for people and for a pull request.

use lisa_cfn::Format;
use lisa_config::{Options, Overrides, Source};
use lisa_deploy::diff::{Change, Class, Diff, Sides, Template, TemplateError, compare};
use lisa_stacks::{App, Assets};

/// The stacks of the example, its text edited.
fn stacks(edit: impl Fn(String) -> String) -> App {
    let path = format!("{}/../../examples/pgvector.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = edit(std::fs::read_to_string(path).unwrap());
    let source = Source { name: "pgvector.yaml".to_owned(), text };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default()).unwrap();
    lisa_stacks::synthesize(&loaded.config, &Assets::not_built()).unwrap()
}

/// Another master user (create-only), a private load balancer, other chunks, and no web page any more.
fn edited(text: &str) -> String {
    let text = text
        .replace("username: postgres", "username: librarian")
        .replace("restApiConfig:", "restApiConfig:\n  internetFacing: false")
        .replace("chunkSize: 512", "chunkSize: 1024");
    format!("{text}deployUi: false\n")
}

fn template(app: &App, name: &str) -> Option<Template> {
    let stack = app.stacks.iter().find(|stack| stack.name == name)?;
    Some(Template::parse(&stack.template.to_text(Format::Json)).unwrap())
}

fn between(old: &App, new: &App) -> Diff {
    let names =
        old.stacks.iter().chain(new.stacks.iter().filter(|stack| template(old, &stack.name).is_none()));
    let stacks = names.map(|stack| {
        let (deployed, planned) = (template(old, &stack.name), template(new, &stack.name));
        let sides = Sides { deployed: deployed.as_ref(), planned: planned.as_ref(), ..Sides::default() };
        compare(&stack.name, &stack.deployed_name, &sides)
    });
    Diff { stacks: stacks.collect(), ..Diff::default() }
}

#[test]
fn an_edited_example_for_people() {
    insta::assert_snapshot!(between(&stacks(|text| text), &stacks(|text| edited(&text))));
}

#[test]
fn an_edited_example_for_a_pull_request() {
    insta::assert_snapshot!(between(&stacks(|text| text), &stacks(|text| edited(&text))).markdown());
}

#[test]
fn a_new_deployment_for_people() {
    let none = App { stacks: Vec::new(), unknowns: Vec::new() };
    let found = between(&none, &stacks(|text| text));
    assert_eq!((found.class(), found.differs()), (Class::Create, true));
    insta::assert_snapshot!(found.stacks.iter().find(|stack| stack.name == "core").unwrap());
}

#[test]
fn the_way_back_is_as_open_as_it_was() {
    let found = between(&stacks(|text| edited(&text)), &stacks(|text| text));
    let text = found.to_string();
    assert!(text.contains("`LoadBalancer` is now internet-facing"), "{text}");
    assert!(found.stacks.iter().any(|stack| stack.name == "ui" && stack.change == Change::Added), "{text}");
}

#[test]
fn the_same_stacks_are_no_change_in_any_layout() {
    let app = stacks(|text| text);
    for stack in &app.stacks {
        let value = stack.template.to_json();
        let (pretty, minified) = (serde_json::to_string_pretty(&value).unwrap(), value.to_string());
        let (old, new) = (Template::parse(&minified).unwrap(), Template::parse(&pretty).unwrap());
        let sides = Sides { deployed: Some(&old), planned: Some(&new), ..Sides::default() };
        let found = compare(&stack.name, &stack.deployed_name, &sides);
        assert!(!found.differs() && found.permissions.is_empty() && found.network.is_empty(), "{found}");
    }
}

#[test]
fn a_template_that_is_no_json_is_refused_with_its_place() {
    let error = Template::parse("Resources:\n  X:\n    Type: AWS::S3::Bucket\n").unwrap_err();
    assert_eq!(error, TemplateError::NotJson { line: 1, column: 1 });
    assert_eq!(Template::parse("{}").unwrap_err(), TemplateError::NoResources);
}

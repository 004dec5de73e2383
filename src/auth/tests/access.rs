//! Role by route: what each kind of caller may use.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::provider::settings;
use crate::access::{Level, serve};
use crate::caller::{Caller, Via};
use crate::claims::{Claims, GroupsPath};
use crate::{Policy, Refusal};

fn caller(groups: &[&str]) -> Result<Caller, Refusal> {
    let policy = Policy::new(&settings()).expect("the policy");
    let groups: BTreeSet<String> = groups.iter().map(|group| (*group).to_owned()).collect();
    policy.admit("user-1".to_owned(), "ada".to_owned(), groups, Via::OpenId)
}

#[test]
fn roles_follow_from_groups() {
    let facts = |groups: &[&str]| {
        caller(groups).map(|caller| (caller.is_admin, caller.is_rag_admin, caller.may_make_tokens))
    };
    assert_eq!(facts(&[]), Err(Refusal::NotAdmitted));
    assert_eq!(facts(&["api"]), Err(Refusal::NotAdmitted));
    assert_eq!(facts(&["users"]), Ok((false, false, false)));
    assert_eq!(facts(&["users", "api"]), Ok((false, false, true)));
    assert_eq!(facts(&["librarians"]), Ok((false, true, false)));
    assert_eq!(facts(&["admins"]), Ok((true, true, true)));
    assert_eq!(facts(&["Admins", "users"]), Ok((false, false, false)), "names are compared exactly");
}

#[test]
fn levels_admit() {
    let [user, librarian, admin] =
        [["users"], ["librarians"], ["admins"]].map(|groups| caller(&groups).expect("a caller"));
    for (level, admits) in [
        (Level::Anyone, [true, true, true]),
        (Level::User, [true, true, true]),
        (Level::RagAdmin, [false, true, true]),
        (Level::Admin, [false, false, true]),
    ] {
        assert_eq!([&user, &librarian, &admin].map(|caller| level.admits(caller)), admits, "{level:?}");
    }
}

#[test]
fn routes_of_the_gateway() {
    for path in ["/health", "/health/", "/health/readiness", "/health/liveness"] {
        assert_eq!(serve(path), Level::Anyone, "{path}");
    }
    for path in [
        "/v2/serve/models",
        "/v2/serve/v1/models",
        "/v2/serve/models/mistral",
        "/v2/serve/chat/completions",
        "/v2/serve/v1/chat/completions",
        "/v2/serve/embeddings",
        "/v2/serve/audio/transcriptions",
        "/v2/serve/v1/messages",
        "/v2/serve/anthropic/v1/messages/count_tokens",
    ] {
        assert_eq!(serve(path), Level::User, "{path}");
    }
    for path in [
        "/",
        "/metrics",
        "/v2/serve",
        "/v2/serve/",
        "/v2/serve/key/generate",
        "/v2/serve/model/new",
        "/v2/serve/models/a/b",
        "/v2/serve/models/..",
        "/v2/serve/models/../key/generate",
        "/v2/serve//models",
        "/v2/serve/v1/v1/models",
        "/V2/serve/models",
        "/v2/serve/modelsx",
        "/healthz",
    ] {
        assert_eq!(serve(path), Level::Admin, "{path}");
    }
}

#[test]
fn groups_are_found_where_the_path_leads() {
    let claims: Map<String, Value> = json!({
        "cognito:groups": ["a", "b"],
        "realm_access": { "roles": ["c"] },
        "https://example.com/groups": ["d"],
        "scope": "e f,g",
    })
    .as_object()
    .expect("an object")
    .clone();
    let claims = Claims(claims);
    let groups = |path: &str| {
        let path = GroupsPath::parse(path).expect("a path");
        claims.groups(&path).into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(groups("cognito:groups"), "a b");
    assert_eq!(groups("realm_access.roles"), "c");
    assert_eq!(groups("https://example.com/groups"), "d");
    assert_eq!(groups("\"https://example.com/groups\""), "d");
    assert_eq!(groups("scope"), "e f g");
    for nowhere in ["", "realm_access", "realm_access.roles.x", "missing", "missing.too"] {
        assert_eq!(groups(nowhere), "", "{nowhere}");
    }
    for wrong in [".", "a..b", "a.", ".a", "\"a"] {
        assert_eq!(GroupsPath::parse(wrong), None, "{wrong}");
    }
}

/// The whole of it on one page: a route that is opened or closed shows in the snapshot's diff.
#[test]
fn the_table_of_roles_and_routes() {
    use std::fmt::Write as _;
    let [user, librarian, admin] =
        [["users"], ["librarians"], ["admins"]].map(|groups| caller(&groups).expect("a caller"));
    let mut table =
        "ROUTE                                                         NOBODY  USER  RAG ADMIN  ADMIN\n"
            .to_owned();
    let mut line = |route: &str, level: Level| {
        let mark = |admits: bool| if admits { "yes" } else { "-" };
        let nobody = mark(level == Level::Anyone);
        let [user, librarian, admin] = [&user, &librarian, &admin].map(|caller| mark(level.admits(caller)));
        writeln!(table, "{route:60}  {nobody:6}  {user:4}  {librarian:9}  {admin}").expect("a string");
    };
    for route in lisa_api::routes::all() {
        let (method, path) = (route.method.name(), route.path);
        line(&format!("{method} {path}"), crate::access::rest(method, path));
    }
    line("GET /a/route/that/is/not/there", crate::access::rest("GET", "/a/route/that/is/not/there"));
    for path in ["/health", "/metrics", "/v2/serve/key/generate", "/v2/serve/model/new"] {
        line(&format!("serve: {path}"), serve(path));
    }
    for path in crate::access::SERVE {
        line(&format!("serve: /v2/serve/{path}"), serve(&format!("/v2/serve/{}", path.replace('*', "x"))));
    }
    insta::assert_snapshot!(table);
}

//! No id of a path leads to what belongs elsewhere: in generated worlds of repositories, collections, documents and jobs,
//! what a request may do is exactly what the rules say of the object itself.

use http::{Method, StatusCode};
use lisa_auth::Caller;
use lisa_store::documents::{Chunking, Collection, Document, Job, Repository};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::api::{ask, caller};
use super::world::{Stage, repository};

const GROUPS: [&str; 3] = ["red", "green", "blue"];

/// A world with two repositories of two collections of one document and one job each.
struct Built {
    repositories: Vec<Repository>,
    collections: Vec<Collection>,
    documents: Vec<Document>,
    jobs: Vec<Job>,
}

async fn build(stage: &Stage, groups: &[Option<usize>; 6], owners: &[usize; 4]) -> Built {
    let of =
        |group: Option<usize>| group.map(|group| GROUPS[group].to_owned()).into_iter().collect::<Vec<_>>();
    let mut built = Built { repositories: vec![], collections: vec![], documents: vec![], jobs: vec![] };
    for r in 0..2 {
        let repository = Repository { allowed_groups: of(groups[r]), ..repository(&format!("r{r}"), &[]) };
        stage.world.documents.put_repository(&repository, true).await.unwrap();
        for c in 0..2 {
            let at = r * 2 + c;
            let collection = Collection {
                // The same ids in both repositories: a path that names the wrong one must not be right by chance.
                collection_id: format!("c{c}"),
                repository_id: repository.repository_id.clone(),
                embedding_model: "letters".to_owned(),
                allowed_groups: of(groups[2 + at]),
                allow_chunking_override: true,
                ..Collection::default()
            };
            stage.world.documents.put_collection(&collection, true).await.unwrap();
            let username = format!("user{}", owners[at]);
            let document = Document {
                document_id: format!("d{at}"),
                repository_id: repository.repository_id.clone(),
                collection_id: collection.collection_id.clone(),
                source: format!("uploads/x/{at}.txt"),
                username: username.clone(),
                ..Document::default()
            };
            stage.world.documents.put_document(&document, None).await.unwrap();
            let job = Job {
                job_id: format!("{:013}-j{at}", 1_700_000_000_000_u64),
                repository_id: repository.repository_id.clone(),
                collection_id: collection.collection_id.clone(),
                document_id: document.document_id.clone(),
                created_date: 1_700_000_000_000,
                username,
                chunk_strategy: Some(Chunking {
                    kind: "none".to_owned(),
                    size: None,
                    overlap: None,
                    unit: None,
                }),
                ..Job::default()
            };
            stage.world.documents.put_job(&job, None).await.unwrap();
            built.collections.push(collection);
            built.documents.push(document);
            built.jobs.push(job);
        }
        built.repositories.push(repository);
    }
    built
}

fn may_see(caller: &Caller, repository: &Repository, collection: Option<&Collection>) -> bool {
    let is_in =
        |groups: &[String]| groups.is_empty() || groups.iter().any(|group| caller.groups.contains(group));
    caller.is_admin
        || is_in(&repository.allowed_groups)
            && collection.is_none_or(|collection| is_in(&collection.allowed_groups))
}

async fn check(stage: &Stage, built: &Built, caller: &Caller) {
    for (at, repository) in built.repositories.iter().enumerate() {
        let r = &repository.repository_id;
        for (d, document) in built.documents.iter().enumerate() {
            let collection = &built.collections[d];
            let is_here = d / 2 == at;
            let is_seen = is_here && may_see(caller, repository, Some(collection));
            let is_own = caller.is_admin || document.username == caller.subject;
            let path = format!("/repository/{r}/{}", document.document_id);
            let read = ask(stage, caller, Method::GET, &path, Value::Null).await;
            assert_eq!(read.0 == StatusCode::OK, is_seen, "{path} {caller:?}: {read:?}");
            let path = format!("{path}/download");
            let read = ask(stage, caller, Method::GET, &path, Value::Null).await;
            assert_eq!(read.0 == StatusCode::OK, is_seen, "{path} {caller:?}: {read:?}");
            if !(is_seen && is_own) {
                let gone = json!({ "documentIds": [document.document_id] });
                let path = format!("/repository/{r}/document");
                let answer = ask(stage, caller, Method::DELETE, &path, gone).await;
                let expected = if is_seen { StatusCode::FORBIDDEN } else { StatusCode::NOT_FOUND };
                assert_eq!(answer.0, expected, "{path} {} {caller:?}: {answer:?}", document.document_id);
            }
            let job = &built.jobs[d];
            let path = format!("/repository/{r}/jobs/{}", job.job_id);
            let read = ask(stage, caller, Method::GET, &path, Value::Null).await;
            assert_eq!(read.0 == StatusCode::OK, is_seen, "{path} {caller:?}: {read:?}");
            if !(is_seen && is_own) {
                let stopped = ask(stage, caller, Method::DELETE, &path, Value::Null).await;
                assert!(stopped.0.is_client_error(), "{path} {caller:?}: {stopped:?}");
            }
        }
        lists(stage, built, caller, at).await;
    }
}

/// Lists show what may be seen, and nothing else.
async fn lists(stage: &Stage, built: &Built, caller: &Caller, at: usize) {
    let repository = &built.repositories[at];
    let path = format!("/repository/{}/document?pageSize=100", repository.repository_id);
    let (status, list) = ask(stage, caller, Method::GET, &path, Value::Null).await;
    assert_eq!(status == StatusCode::OK, may_see(caller, repository, None), "{path} {caller:?}");
    let shown = list["documents"].as_array().cloned().unwrap_or_default();
    for (d, document) in built.documents.iter().enumerate() {
        let is_shown = shown.iter().any(|shown| shown["document_id"] == document.document_id);
        let is_seen = d / 2 == at && may_see(caller, repository, Some(&built.collections[d]));
        assert_eq!(is_shown, is_seen, "{path} {} {caller:?}", document.document_id);
    }
    let path = format!("/repository/{}/collection", repository.repository_id);
    let (_, list) = ask(stage, caller, Method::GET, &path, Value::Null).await;
    let shown = list["collections"].as_array().cloned().unwrap_or_default();
    for (c, collection) in built.collections.iter().enumerate().filter(|(c, _)| c / 2 == at) {
        let is_shown = shown.iter().any(|shown| shown["collectionId"] == collection.collection_id);
        assert_eq!(is_shown, may_see(caller, repository, Some(collection)), "{path} {c} {caller:?}");
    }
}

proptest! {
    // Each world is asked by six callers about 2 repositories x 4 documents by 5 routes and 2 lists: about 250 requests.
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn no_foreign_id_works(
        groups in proptest::array::uniform6(proptest::option::of(0_usize..3)),
        owners in proptest::array::uniform4(0_usize..3),
        memberships in proptest::array::uniform6(proptest::collection::vec(0_usize..3, 0..3)),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = TempDir::new().unwrap();
            let stage = Stage::open(folder.path(), Vec::new());
            let built = build(&stage, &groups, &owners).await;
            for (number, membership) in memberships.iter().enumerate() {
                let groups: Vec<&str> = membership.iter().map(|group| GROUPS[*group]).collect();
                let level = u8::from(number == 4) + 2 * u8::from(number == 5);
                check(&stage, &built, &caller(&format!("user{}", number % 3), &groups, level)).await;
            }
        });
    }
}

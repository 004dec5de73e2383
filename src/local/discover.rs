//! Finds servers of models that run on this machine already, where they usually listen, and the one that
//! `OPENAI_BASE_URL` names.

use std::net::SocketAddr;
use std::time::Duration;

use lisa_signed::Wire;
use serde::Deserialize;
use tokio::task::JoinSet;

/// For how long a server may take to list its models. One on this machine needs milliseconds.
const LIMIT: Duration = Duration::from_millis(800);

/// Where servers listen unless they are told otherwise. Sources: the documentation of each.
const USUAL: [(&str, u16); 4] = [("Ollama", 11434), ("vLLM", 8000), ("LM Studio", 1234), ("llama.cpp", 8080)];

/// A place that may have a server of models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What usually listens there: `Ollama`.
    pub what: String,
    /// Base of its OpenAI-compatible API: `http://127.0.0.1:11434/v1`.
    pub base: String,
    /// The key that it asks for.
    pub key: Option<String>,
}

/// A server that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where it is.
    pub place: Place,
    /// The names of its models.
    pub models: Vec<String>,
}

/// Every place to look at. This process's own address is none; a name is looked up only where the user has given one.
pub fn places(own: SocketAddr, base: Option<String>, key: Option<String>) -> Vec<Place> {
    let usual = USUAL.iter().filter(|(_, port)| *port != own.port()).map(|(what, port)| Place {
        what: (*what).to_owned(),
        base: format!("http://127.0.0.1:{port}/v1"),
        key: None,
    });
    let named = base.filter(|base| !base.is_empty()).map(|base| Place {
        what: "OPENAI_BASE_URL".to_owned(),
        base: base.trim_end_matches('/').to_owned(),
        key: key.filter(|key| !key.is_empty()),
    });
    usual.chain(named).collect()
}

/// The servers that answer, in the order of the places.
pub async fn look(wire: &Wire, places: Vec<Place>) -> Vec<Server> {
    let mut asked = JoinSet::new();
    for (order, place) in places.into_iter().enumerate() {
        let wire = wire.clone();
        asked.spawn(async move {
            let models = tokio::time::timeout(LIMIT, list(&wire, &place)).await.ok().flatten()?;
            Some((order, Server { place, models }))
        });
    }
    let mut found: Vec<_> = asked.join_all().await.into_iter().flatten().collect();
    found.sort_by_key(|(order, _)| *order);
    found.into_iter().map(|(_, server)| server).collect()
}

/// The models of a place; none where nobody answers in OpenAI's way.
async fn list(wire: &Wire, place: &Place) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct List {
        data: Vec<Listed>,
    }
    #[derive(Deserialize)]
    struct Listed {
        id: String,
    }
    let mut request = http::Request::get(format!("{}/models", place.base));
    if let Some(key) = &place.key {
        request = request.header(http::header::AUTHORIZATION, format!("Bearer {key}"));
    }
    let answer = wire.fetch(request.body(bytes::Bytes::new()).ok()?).await.ok()?;
    let list: List = serde_json::from_slice(answer.body()).ok().filter(|_| answer.status().is_success())?;
    Some(list.data.into_iter().map(|model| model.id).collect())
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use axum::{Json, Router};
    use serde_json::json;

    use super::*;

    async fn serve(answer: serde_json::Value) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/v1/models", get(async || Json(answer)));
        tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
        address
    }

    fn place(address: SocketAddr) -> Place {
        Place { what: "a test".to_owned(), base: format!("http://{address}/v1"), key: None }
    }

    #[tokio::test]
    async fn servers_that_list_models_are_found_and_others_are_not() {
        let models = serve(json!({ "object": "list", "data": [{ "id": "small" }, { "id": "large" }] })).await;
        let other = serve(json!({ "status": "OK" })).await;
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let wire = Wire::new(None).unwrap();
        let found = look(&wire, [nobody, other, models].map(place).to_vec()).await;
        assert_eq!(
            found,
            [Server { place: place(models), models: vec!["small".to_owned(), "large".to_owned()] }]
        );
    }

    #[test]
    fn this_process_does_not_find_itself() {
        let own = SocketAddr::from(([127, 0, 0, 1], 8080));
        let places = places(own, Some("https://models.example/v1/".to_owned()), Some(String::new()));
        let bases: Vec<_> = places.iter().map(|place| place.base.as_str()).collect();
        assert!(!bases.contains(&"http://127.0.0.1:8080/v1"));
        assert_eq!(bases.last(), Some(&"https://models.example/v1"));
        assert!(places.iter().all(|place| place.key.is_none()));
    }
}

//! The gateway's secret: written when it changes, and when it changes back.

use lisa_deploy::control;
use lisa_deploy::engine::Engine;
use lisa_deploy::secret::{Memory, write};
use lisa_stacks::GatewaySecret;
use serde_json::json;

use crate::cloud::Cloud;
use crate::destroy::Nobody;

#[test]
fn it_is_written_when_it_changes_and_when_it_changes_back() {
    Cloud::run(async {
        let cloud = Cloud::new();
        cloud.state().objects.insert("assets".to_owned(), [].into());
        let world = cloud.world();
        let (_teller, told) = control::channel();
        let engine = Engine::new(&world, &Nobody, told);
        let mut written = Vec::new();
        for key in ["old", "old", "new", "old", "old"] {
            let secret = GatewaySecret { name: "litellm".to_owned(), value: json!({ "/0/key": key }) };
            let memory = Memory { bucket: "assets", deployment: "/prod/demo/lisa", stack: "arn:serve" };
            written.push(write(&world, &engine.caller(), &secret, &memory).await.expect("an answer"));
        }
        assert_eq!(written, [true, false, true, true, false]);
        let state = cloud.state();
        assert_eq!(state.parameters["secret:litellm"], r#"{"/0/key":"old"}"#);
        let memory = &state.objects["assets"]["deployments/prod/demo/lisa/litellm"];
        assert!(memory.bytes.is_empty(), "the value is remembered by a hash alone");
    });
}

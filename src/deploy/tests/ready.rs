//! The readiness gate: what answers, what does not, and what nobody outside can reach.

use std::time::Duration;

use lisa_deploy::ports::web::Answer;
use lisa_deploy::ready::{Probe, Readiness, gate};

use crate::cloud::Cloud;
use crate::destroy::Nobody;

async fn asked(cloud: &std::sync::Arc<Cloud>, private: bool) -> Readiness {
    let url = "https://serve.example.com/health".to_owned();
    let probes = [Probe { what: "serve", url, private }];
    gate(&cloud.world(), &Nobody, &probes, Duration::from_mins(5)).await.remove(0)
}

fn answer(cloud: &std::sync::Arc<Cloud>, status: u16) {
    let url = "https://serve.example.com/health".to_owned();
    cloud.state().answers.insert(url, Answer { status, ..Answer::default() });
}

#[test]
fn a_part_that_answers_is_ready() {
    Cloud::run(async {
        let cloud = Cloud::new();
        answer(&cloud, 200);
        assert_eq!(asked(&cloud, false).await.ready, Some(true));
    });
}

#[test]
fn a_part_may_take_its_time_but_not_for_ever() {
    Cloud::run(async {
        let cloud = Cloud::new();
        answer(&cloud, 503);
        let readiness = asked(&cloud, false).await;
        assert_eq!((readiness.status, readiness.ready), (Some(503), Some(false)));
        let now = cloud.state().now;
        assert!(now > Duration::from_mins(4) && now < Duration::from_mins(6), "{now:?}");
    });
}

#[test]
fn what_is_inside_a_network_is_not_waited_for_from_outside() {
    Cloud::run(async {
        let cloud = Cloud::new();
        assert_eq!(asked(&cloud, true).await.ready, None);
        assert!(cloud.state().now < Duration::from_secs(30));
    });
}

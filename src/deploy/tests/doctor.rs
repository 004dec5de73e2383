//! The doctor: what is in the way is bad, what cannot be told is doubtful.

use lisa_deploy::doctor::{Finding, Standing, full, quick};
use lisa_deploy::ports::web::Answer;

use crate::cloud::Cloud;
use crate::destroy::example;

fn standing<'a>(findings: &'a [Finding], check: &str) -> Vec<(Standing, &'a str)> {
    let of = findings.iter().filter(|finding| finding.check == check);
    of.map(|finding| (finding.standing, finding.says.as_str())).collect()
}

#[test]
fn an_empty_account_is_fit() {
    Cloud::run(async {
        let (config, app) = example("destroy");
        let findings = quick(&Cloud::new().world(), &config, &app.stacks).await;
        assert!(findings.iter().all(|finding| finding.standing != Standing::Bad), "{findings:#?}");
        assert_eq!(standing(&findings, "names").len(), 1, "{findings:#?}");
    });
}

#[test]
fn a_bucket_that_an_earlier_deployment_left_is_named() {
    Cloud::run(async {
        let (config, app) = example("destroy");
        let cloud = Cloud::new();
        let bucket = lisa_stacks::Naming::new(&config).bucket("access-logs");
        cloud.state().objects.insert(bucket.clone(), [].into());
        let findings = quick(&cloud.world(), &config, &app.stacks).await;
        let names = standing(&findings, "names");
        assert!(names.iter().any(|(how, says)| *how == Standing::Bad && says.contains(&bucket)), "{names:?}");
    });
}

#[test]
fn a_sign_in_provider_says_who_it_is_and_what_time_it_is() {
    Cloud::run(async {
        let (config, app) = example("destroy");
        let cloud = Cloud::new();
        let issuer = config.auth_config.as_ref().expect("sign-in").authority.to_string();
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let date = Some(crate::cloud::time_of_day(std::time::Duration::from_hours(1)));
        let body = format!(r#"{{"issuer": "{issuer}"}}"#);
        cloud.state().answers.insert(url, Answer { status: 200, body, date });
        let findings = full(&cloud.world(), &config, &app.stacks).await;
        assert_eq!(standing(&findings, "sign-in")[0].0, Standing::Good, "{findings:#?}");
        assert_eq!(standing(&findings, "clock")[0].0, Standing::Bad, "{findings:#?}");
    });
}

//! What must be there before the first stack is touched, and no template can make: roles that services have for
//! themselves, of which an account has one each.

use lisa_deploy::plan::{Plan, Step};

use crate::failure::Failure;
use crate::world::Session;

/// Types whose service needs its own role to work inside a VPC.
const NEEDS: [(&str, &str); 1] = [("\"AWS::OpenSearchService::Domain\"", "opensearchservice.amazonaws.com")];

/// Makes sure of the roles that the stacks need which are made or changed.
pub(super) async fn roles(session: &Session<'_>, plan: &Plan) -> Result<(), Failure> {
    let engine = session.engine();
    for (kind, service) in NEEDS {
        let needs = |stack: &&lisa_deploy::plan::PlannedStack| {
            stack.step != Step::Nothing && stack.target.content.text.contains(kind)
        };
        if !plan.stacks.iter().any(|stack| needs(&stack)) {
            continue;
        }
        let account = &session.world().account;
        let made = engine.caller().call(|| account.ensure_service_linked_role(service)).await;
        if made.map_err(|error| Failure::call(&error))? {
            session.note(format!("made the service-linked role of {service}"));
        }
    }
    Ok(())
}

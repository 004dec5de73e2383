//! The waivers themselves: few, each with a reason, each for a gate that exists.

use anyhow::Result;
use lisa_testkit::waiver;

/// checkov and cloudformation-validate together; cdk-nag wants a word on every wildcard and every open choice.
const CEILING: usize = 12;
const COUNTED: [&str; 2] = ["checkov", "cloudformation-validate"];
const TOOLS: [&str; 3] = ["cdk-nag", "checkov", "cloudformation-validate"];

#[test]
fn waivers_are_few_and_reasoned() -> Result<()> {
    let waivers = waiver::all()?;
    let counted = waivers.iter().filter(|waiver| COUNTED.contains(&waiver.tool.as_str())).count();
    assert!(counted <= CEILING, "{counted} waivers of {COUNTED:?}, more than {CEILING}");
    for waiver in &waivers {
        assert!(TOOLS.contains(&waiver.tool.as_str()), "no gate is called `{}`", waiver.tool);
        assert!(
            waiver.reason.split_whitespace().count() >= 5,
            "{} needs a reason that says why",
            waiver.rule
        );
    }
    Ok(())
}

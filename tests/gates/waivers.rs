//! The waivers themselves: few, each with a reason, each for a gate that exists.

use anyhow::Result;
use lisa_testkit::waiver;

const CEILING: usize = 12;
const TOOLS: [&str; 3] = ["cdk-nag", "checkov", "cloudformation-validate"];

#[test]
fn waivers_are_few_and_reasoned() -> Result<()> {
    let waivers = waiver::all()?;
    assert!(waivers.len() <= CEILING, "{} waivers, more than {CEILING}", waivers.len());
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

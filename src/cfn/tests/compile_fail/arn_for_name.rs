//! A log group's ARN where its name belongs.

use lisa_cfn::Template;
use lisa_cfn::aws::lambda::function::LoggingConfig;
use lisa_cfn::aws::logs::LogGroup;

fn main() {
    let mut template = Template::new("");
    let logs = template.add("Logs", LogGroup::new());
    let _ = LoggingConfig::new().log_group(logs.arn());
}

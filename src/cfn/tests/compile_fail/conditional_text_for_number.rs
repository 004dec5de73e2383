//! A condition keeps the type of its branches.

use lisa_cfn::aws::sqs::Queue;
use lisa_cfn::{Template, Value};

fn main() {
    let mut template = Template::new("");
    let large = template.condition_equals("Large", "a", "b");
    let _ = Queue::new().delay_seconds(Value::<String>::when(&large, "900", "0"));
}

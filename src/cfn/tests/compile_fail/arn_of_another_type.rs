//! A bucket's ARN where a role's belongs.

use lisa_cfn::Template;
use lisa_cfn::aws::{ecs::TaskDefinition, s3::Bucket};

fn main() {
    let mut template = Template::new("");
    let bucket = template.add("Bucket", Bucket::new());
    let _ = TaskDefinition::new().execution_role_arn(bucket.arn());
}

//! A property that buckets do not have.

use lisa_cfn::aws::s3::Bucket;

fn main() {
    let _ = Bucket::new().colour("blue");
}

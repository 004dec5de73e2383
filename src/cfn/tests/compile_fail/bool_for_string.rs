//! A truth where text belongs.

use lisa_cfn::aws::s3::Bucket;

fn main() {
    let _ = Bucket::new().bucket_name(true);
}

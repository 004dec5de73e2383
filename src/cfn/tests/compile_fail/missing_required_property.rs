//! A subnet without its VPC.

use lisa_cfn::aws::ec2::Subnet;

fn main() {
    let _ = Subnet::new();
}

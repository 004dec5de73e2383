//! Plain text where a subnet's id belongs.

use lisa_cfn::aws::ec2::NatGateway;

fn main() {
    let _ = NatGateway::new().subnet_id("subnet-1");
}

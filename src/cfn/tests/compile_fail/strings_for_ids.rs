//! Plain text where subnets' ids belong.

use lisa_cfn::Id;
use lisa_cfn::aws::ec2::VpcEndpoint;

fn main() {
    let _ = VpcEndpoint::new(Id::literal("vpc-1")).subnet_ids(["subnet-1"]);
}

//! The id of a subnet is the service's to give.

use lisa_cfn::aws::ec2::{Subnet, Vpc};
use lisa_cfn::Template;

fn main() {
    let mut template = Template::new("");
    let vpc = template.add("Vpc", Vpc::new());
    let _ = Subnet::new(vpc.vpc_id()).subnet_id("subnet-1");
}

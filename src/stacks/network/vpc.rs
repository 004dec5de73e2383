//! A VPC of its own: in every zone a public, an isolated and a private subnet of 64 addresses.

use lisa_cfn::aws::ec2::{self, nat_gateway::ConnectivityType};
use lisa_cfn::{Handle, Tag, Value};
use lisa_config::section::environment::SecurityProfile;

use super::{Network, Subnets, endpoints, flow_logs};
use crate::builder::StackBuilder;

/// Addresses of one subnet (a /26).
const SUBNET_SIZE: u32 = 64;

/// Zones for which three subnets each fit into a /22.
const ZONES_OF_A_22: u8 = 5;

/// A kind of subnet; the order is that of the address plan.
#[derive(Clone, Copy)]
enum Tier {
    Public,
    Isolated,
    Private,
}

/// Adds the VPC and everything that its subnets reach out by.
pub(super) fn network(stack: &mut StackBuilder<'_>) -> Network {
    let zones = stack.config().max_azs;
    let size = if zones > ZONES_OF_A_22 { 21 } else { 22 };
    let vpc = ec2::Vpc::new()
        .cidr_block(format!("10.0.0.0/{size}"))
        .enable_dns_support(true)
        .enable_dns_hostnames(true)
        .tags(named(stack, "vpc"));
    let vpc = stack.add("Vpc", vpc);
    stack.template.options(&vpc).set_by("CidrBlock", "maxAzs");
    let public = subnets(stack, &vpc, Tier::Public);
    let isolated = subnets(stack, &vpc, Tier::Isolated);
    let private = subnets(stack, &vpc, Tier::Private);
    let gateway = internet_gateway(stack, &vpc, &public);
    let tables = private_routes(stack, &vpc, &public, &private, &gateway);
    endpoints::gateways(stack, &vpc, &tables);
    flow_logs::add(stack, &vpc);
    // Isolated subnets stay with the VPC's main route table, which leads nowhere but to the VPC itself.
    let ids = |subnets: Vec<Handle<ec2::Subnet>>| {
        Subnets::from(
            subnets.iter().map(|subnet| Value::from(subnet.subnet_id())).collect::<Vec<Value<String>>>(),
        )
    };
    Network {
        vpc: vpc.vpc_id(),
        cidr: Some(vpc.cidr_block()),
        public: Some(ids(public)),
        private: ids(private),
        isolated: ids(isolated),
    }
}

fn subnets(stack: &mut StackBuilder<'_>, vpc: &Handle<ec2::Vpc>, tier: Tier) -> Vec<Handle<ec2::Subnet>> {
    let name = match tier {
        Tier::Public => "Public",
        Tier::Isolated => "Isolated",
        Tier::Private => "Private",
    };
    let zones = u32::from(stack.config().max_azs);
    let add = |zone: u32| {
        let offset = (tier as u32 * zones + zone) * SUBNET_SIZE;
        let number = zone + 1;
        let subnet = ec2::Subnet::new(vpc.vpc_id())
            .cidr_block(format!("10.0.{}.{}/26", offset / 256, offset % 256))
            .availability_zone(Value::availability_zones().select(zone as usize))
            // Load balancers and the NAT gateway bring their own addresses; nothing else in a public subnet gets one.
            .map_public_ip_on_launch(false)
            .tags(named(stack, &format!("{}-{number}", name.to_lowercase())));
        stack.add(format!("{name}Subnet{number}"), subnet)
    };
    (0..zones).map(add).collect()
}

/// Leads the public subnets to the internet; returns the attachment that others have to wait for.
fn internet_gateway(
    stack: &mut StackBuilder<'_>,
    vpc: &Handle<ec2::Vpc>,
    public: &[Handle<ec2::Subnet>],
) -> Handle<ec2::VpcGatewayAttachment> {
    let gateway = ec2::InternetGateway::new().tags(named(stack, "internet"));
    let gateway = stack.add("InternetGateway", gateway);
    let attachment =
        ec2::VpcGatewayAttachment::new(vpc.vpc_id()).internet_gateway_id(gateway.internet_gateway_id());
    let attachment = stack.add("InternetGatewayAttachment", attachment);
    let table = route_table(stack, vpc, "Public", public);
    let route = ec2::Route::new(table.route_table_id())
        .destination_cidr_block("0.0.0.0/0")
        .gateway_id(gateway.internet_gateway_id());
    let route = stack.add("PublicRoute", route);
    stack.template.options(&route).depends_on(&attachment);
    attachment
}

/// Leads the private subnets out through NAT: one gateway for all, or one in each zone where an outage of one must not
/// cut off the others.
fn private_routes(
    stack: &mut StackBuilder<'_>,
    vpc: &Handle<ec2::Vpc>,
    public: &[Handle<ec2::Subnet>],
    private: &[Handle<ec2::Subnet>],
    attachment: &Handle<ec2::VpcGatewayAttachment>,
) -> Vec<Handle<ec2::RouteTable>> {
    let each_zone = stack.at_least(SecurityProfile::Hardened);
    let groups: Vec<&[Handle<ec2::Subnet>]> =
        if each_zone { private.chunks(1).collect() } else { vec![private] };
    let add = |(index, (subnets, public)): (usize, (&[Handle<ec2::Subnet>], &Handle<ec2::Subnet>))| {
        let suffix = if each_zone { (index + 1).to_string() } else { String::new() };
        let nat = nat_gateway(stack, public, &suffix, attachment);
        let first = if each_zone { index } else { 0 };
        let table = route_table_from(stack, vpc, &format!("Private{suffix}"), "Private", first, subnets);
        let route = ec2::Route::new(table.route_table_id())
            .destination_cidr_block("0.0.0.0/0")
            .nat_gateway_id(nat.nat_gateway_id());
        stack.add(format!("PrivateRoute{suffix}"), route);
        table
    };
    groups.into_iter().zip(public).enumerate().map(add).collect()
}

fn nat_gateway(
    stack: &mut StackBuilder<'_>,
    public: &Handle<ec2::Subnet>,
    suffix: &str,
    attachment: &Handle<ec2::VpcGatewayAttachment>,
) -> Handle<ec2::NatGateway> {
    let name = if suffix.is_empty() { "nat".to_owned() } else { format!("nat-{suffix}") };
    let address = ec2::Eip::new().domain("vpc").tags(named(stack, &name));
    let address = stack.add(format!("NatAddress{suffix}"), address);
    stack.template.options(&address).depends_on(attachment);
    let gateway = ec2::NatGateway::new()
        .connectivity_type(ConnectivityType::PUBLIC)
        .allocation_id(address.allocation_id())
        .subnet_id(public.subnet_id())
        .tags(named(stack, &name));
    let gateway = stack.add(format!("NatGateway{suffix}"), gateway);
    stack.template.options(&gateway).depends_on(attachment);
    gateway
}

fn route_table(
    stack: &mut StackBuilder<'_>,
    vpc: &Handle<ec2::Vpc>,
    name: &str,
    subnets: &[Handle<ec2::Subnet>],
) -> Handle<ec2::RouteTable> {
    route_table_from(stack, vpc, name, name, 0, subnets)
}

/// Adds a route table for subnets of a tier, of which the first has the number `first` + 1.
fn route_table_from(
    stack: &mut StackBuilder<'_>,
    vpc: &Handle<ec2::Vpc>,
    name: &str,
    tier: &str,
    first: usize,
    subnets: &[Handle<ec2::Subnet>],
) -> Handle<ec2::RouteTable> {
    let table = ec2::RouteTable::new(vpc.vpc_id()).tags(named(stack, &name.to_lowercase()));
    let table = stack.add(format!("{name}RouteTable"), table);
    for (index, subnet) in subnets.iter().enumerate() {
        let association = ec2::SubnetRouteTableAssociation::new(table.route_table_id(), subnet.subnet_id());
        stack.add(format!("{tier}Subnet{}Routes", first + index + 1), association);
    }
    table
}

/// The tag that the console shows as a name.
fn named(stack: &StackBuilder<'_>, what: &str) -> [Tag; 1] {
    [Tag::new("Name", format!("{}-{what}", stack.naming().prefix()))]
}

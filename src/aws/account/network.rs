//! A VPC's subnets, and where their route tables lead: Amazon EC2.

use lisa_deploy::ports::Call;
use lisa_deploy::ports::account::Subnet;
use lisa_signed::{Element, Signed, service};

use crate::error::{incomplete, signed};

/// Reads subnets and route tables and puts them together.
pub(super) async fn subnets(client: &Signed, vpc: &str) -> Call<Vec<Subnet>> {
    let subnets = pages(client, "DescribeSubnets", "ec2:DescribeSubnets", "subnetSet", vpc).await?;
    let tables =
        pages(client, "DescribeRouteTables", "ec2:DescribeRouteTables", "routeTableSet", vpc).await?;
    let field = |subnet: &Element, name: &str| {
        subnet.text_at(name).map(str::to_owned).ok_or_else(|| incomplete("ec2:DescribeSubnets", name))
    };
    let described = subnets.iter().map(|subnet| {
        let id = field(subnet, "subnetId")?;
        let table = table_of(&id, &tables);
        let leads = |is_way: &dyn Fn(&Element) -> bool| {
            table.is_some_and(|table| table.items("routeSet").iter().any(is_way))
        };
        Ok(Subnet {
            zone: field(subnet, "availabilityZone")?,
            is_public: leads(&|route| target(route).is_some_and(|target| target.starts_with("igw-"))),
            leads_out: leads(&|route| target(route).is_some()),
            id,
        })
    });
    described.collect()
}

async fn pages(
    client: &Signed,
    operation: &str,
    action: &'static str,
    list: &str,
    vpc: &str,
) -> Call<Vec<Element>> {
    let mut items = Vec::new();
    let mut token = String::new();
    loop {
        let mut parameters = vec![("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc)];
        if !token.is_empty() {
            parameters.push(("NextToken", &token));
        }
        let answer = client.query(&service::EC2, operation, &parameters).await.map_err(signed(action))?;
        items.extend_from_slice(answer.items(list));
        match answer.text_at("nextToken") {
            Some(next) => next.clone_into(&mut token),
            None => return Ok(items),
        }
    }
}

/// A subnet's own route table, or the VPC's main one.
fn table_of<'a>(subnet: &str, tables: &'a [Element]) -> Option<&'a Element> {
    let with = |field: &'static str, value: &str| {
        let is_it = |association: &Element| association.text_at(field) == Some(value);
        tables.iter().find(|table| table.items("associationSet").iter().any(is_it))
    };
    with("subnetId", subnet).or_else(|| with("main", "true"))
}

/// What a route leads to outside of the VPC; `None` for a local one, a gateway endpoint, or one that leads nowhere.
fn target(route: &Element) -> Option<&str> {
    const TARGETS: [&str; 9] = [
        "gatewayId",
        "natGatewayId",
        "transitGatewayId",
        "egressOnlyInternetGatewayId",
        "networkInterfaceId",
        "vpcPeeringConnectionId",
        "localGatewayId",
        "carrierGatewayId",
        "coreNetworkArn",
    ];
    if route.text_at("state") == Some("blackhole") {
        return None;
    }
    let target = TARGETS.iter().find_map(|name| route.text_at(name))?;
    (target != "local" && !target.starts_with("vpce-")).then_some(target)
}

#[cfg(test)]
mod tests {
    use lisa_signed::Element;

    use super::{table_of, target};

    fn tables() -> Element {
        let text = "<r><routeTableSet>
            <item><routeTableId>rtb-main</routeTableId>
              <associationSet><item><main>true</main></item></associationSet>
              <routeSet><item><gatewayId>local</gatewayId><state>active</state></item>
                <item><gatewayId>vpce-1</gatewayId><state>active</state></item>
                <item><natGatewayId>nat-gone</natGatewayId><state>blackhole</state></item></routeSet></item>
            <item><routeTableId>rtb-public</routeTableId>
              <associationSet><item><subnetId>subnet-1</subnetId><main>false</main></item></associationSet>
              <routeSet><item><gatewayId>local</gatewayId></item>
                <item><gatewayId>igw-1</gatewayId><state>active</state></item></routeSet></item>
          </routeTableSet></r>";
        Element::parse(text).unwrap()
    }

    #[test]
    fn a_subnet_without_a_table_has_the_main_one() {
        let tables = tables();
        let of = |subnet| table_of(subnet, tables.items("routeTableSet")).unwrap().text_at("routeTableId");
        assert_eq!([of("subnet-1"), of("subnet-2")], [Some("rtb-public"), Some("rtb-main")]);
    }

    #[test]
    fn only_routes_that_leave_the_network_lead_out() {
        let tables = tables();
        let targets = |index: usize| -> Vec<_> {
            tables.items("routeTableSet")[index].items("routeSet").iter().filter_map(target).collect()
        };
        assert_eq!(targets(0), [""; 0]);
        assert_eq!(targets(1), ["igw-1"]);
    }
}

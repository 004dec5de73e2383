//! What the emulator does not know: the list by which every test leaves something out, and by no means of the product.
//!
//! The gate's tests hold the list to be exact: a type that the emulator learns, or that no template uses any more, has to
//! leave it.

use super::view::Attribute;

/// Resource types that the emulator refuses.
pub const TYPES: &[&str] = &[
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::EC2::EIP",
    "AWS::EC2::FlowLog",
    "AWS::EC2::NatGateway",
    "AWS::ECS::CapacityProvider",
    "AWS::ECS::ClusterCapacityProviderAssociations",
    "AWS::WAFv2::WebACLAssociation",
];

/// Properties that the emulator does not take, with the type that has them: metric math.
pub const FORMS: &[(&str, &str)] = &[("AWS::CloudWatch::Alarm", "Metrics")];

/// Attributes that the emulator does not know.
pub const ATTRIBUTES: &[Attribute] = &[
    ("AWS::EC2::VPC", "CidrBlock", "10.0.0.0/16"),
    (
        "AWS::RDS::DBInstance",
        "MasterUserSecret.SecretArn",
        "arn:aws:secretsmanager:us-east-1:012345678901:secret:database-a1b2c3",
    ),
];

/// Stands before the names that AWS publishes under `/aws`, where nobody else may write.
pub const PUBLIC_PREFIX: &str = "/public";

/// What stands for every value that AWS publishes: the id of a machine image.
pub const PUBLIC_VALUE: &str = "ami-0123456789abcdef0";

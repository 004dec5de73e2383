//! What stacks tell each other: ids that are known only after a deployment, each under one Systems Manager parameter
//! with a pure name. The producer publishes it; a consumer's template reads it by a parameter of an SSM type, so a
//! consumer can be deployed by any tool, and no export locks the producer.

use lisa_config::section::environment::SecurityProfile;

use crate::app::StackName;

macro_rules! shared {
    ($($(#[$doc:meta])* $name:ident = $key:literal from $stack:ident, $what:literal;)*) => {
        /// An id that one stack publishes and others read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Shared {
            $($(#[$doc])* $name,)*
        }

        impl Shared {
            /// Every key.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The last part of the Systems Manager parameter's name.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// The stack that publishes it.
            pub const fn producer(self) -> StackName {
                match self { $(Self::$name => StackName::$stack,)* }
            }

            /// What it is, in words.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$name => $what,)* }
            }

            /// Its name as a template parameter and logical id.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

impl Shared {
    /// The key that encrypts secrets: one of its own in the `hardened` profile.
    pub fn key_of_secrets(profile: SecurityProfile) -> Self {
        if profile >= SecurityProfile::Hardened { Self::SecretKeyArn } else { Self::DataKeyArn }
    }
}

shared! {
    /// The VPC's id.
    VpcId = "vpcId" from Network, "Id of the VPC";
    /// Subnets with a route out through NAT, as a list.
    PrivateSubnetIds = "privateSubnetIds" from Network, "Ids of the private subnets";
    /// Subnets with a route to the internet gateway, as a list. Present only where there are any.
    PublicSubnetIds = "publicSubnetIds" from Network, "Ids of the public subnets";
    /// Subnets without a route out, as a list: databases and search domains.
    IsolatedSubnetIds = "isolatedSubnetIds" from Network, "Ids of the isolated subnets";
    /// Security group of the serve API's load balancer.
    RestAlbSecurityGroupId = "restAlbSecurityGroupId" from Network, "Security group of the serve API's load balancer";
    /// Security group of the models' load balancers.
    ModelSecurityGroupId = "modelSecurityGroupId" from Network, "Security group of the models' load balancers";
    /// Security group of functions in the VPC.
    LambdaSecurityGroupId = "lambdaSecurityGroupId" from Network, "Security group of the functions";
    /// The interface endpoint of private REST APIs. Present only with `privateEndpoints`.
    ExecuteApiEndpointId = "executeApiEndpointId" from Network, "Endpoint that the private REST API is reached by";
    /// ARN of the key that encrypts data: tables, buckets, databases.
    DataKeyArn = "dataKeyArn" from Core, "Key that encrypts data";
    /// ARN of the key that encrypts secrets. Present only in the `hardened` profile; else the data key does it.
    SecretKeyArn = "secretKeyArn" from Core, "Key that encrypts secrets";
    /// ARN of the key that encrypts queues and topics. Present only in the `hardened` profile; else the data key does it.
    MessageKeyArn = "messageKeyArn" from Core, "Key that encrypts messages";
    /// ARN of the key that encrypts logs.
    LogKeyArn = "logKeyArn" from Core, "Key that encrypts logs";
    /// Name of the bucket that takes access logs.
    AccessLogBucket = "accessLogBucket" from Core, "Bucket of access logs";
    /// ARN of the topic that alarms are sent to.
    AlarmTopicArn = "alarmTopicArn" from Core, "Topic of alarms";
    /// The serve API's URL, `https://host` without a slash at the end.
    ServeUrl = "lisaServeRestApiUri" from Serve, "URL of the serve API";
}

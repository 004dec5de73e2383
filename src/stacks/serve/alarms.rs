//! Alarms on what users of the gateway would notice.

use crate::builder::StackBuilder;
use crate::parts::{Alarm, LoadBalancer, alarm, scaling_dimensions};

/// Adds the alarms.
pub(super) fn add(stack: &mut StackBuilder<'_>, balancer: &LoadBalancer) {
    let on = |what, metric, statistic, threshold| Alarm {
        what,
        namespace: "AWS/ApplicationELB",
        metric,
        dimensions: scaling_dimensions(balancer).into(),
        statistic,
        threshold,
        periods: 2,
        period: 300,
    };
    alarm(stack, "UnhealthyAlarm", on("a task does not answer", "UnHealthyHostCount", "Maximum", 0.0));
    alarm(stack, "ErrorsAlarm", on("requests end in errors", "HTTPCode_Target_5XX_Count", "Sum", 10.0));
}

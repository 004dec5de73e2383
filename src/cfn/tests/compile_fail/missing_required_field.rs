//! A literal of required properties that leaves some out.

use lisa_cfn::aws::applicationautoscaling::scalable_target::{ScalableTarget, ScalableTargetRequired};

fn main() {
    let _ = ScalableTarget::new(ScalableTargetRequired { max_capacity: 4.into(), min_capacity: 1.into() });
}

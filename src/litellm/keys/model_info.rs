//! `model_info` of a model: facts about it.

use super::{Key, honoured, warned};

const TEAMS: &str = "there are no teams: groups of the identity provider may use a model";

pub(super) const KEYS: &[Key] = &[
    honoured("base_model", "told by `model/info`"),
    honoured("blocked", "with `true` the entry is not served"),
    honoured("discoverable", "with `false` the model is not listed"),
    honoured("enable_tag_filtering", "as in `router_settings`"),
    honoured("id", "told by `model/info`"),
    honoured("input_cost_per_token", "the order of `cost-based-routing`"),
    honoured("max_input_tokens", "the window of `enable_pre_call_checks`"),
    honoured("max_output_tokens", "told by `model/info`"),
    honoured("max_tokens", "the window where `max_input_tokens` is not given"),
    honoured("mode", "`chat`, `completion`, `embedding`: told by `model/info`"),
    honoured("output_cost_per_token", "the order of `cost-based-routing`"),
    honoured("supports_*", "told by `model/info`"),
    honoured("tags", "of the endpoint, as in `litellm_params`"),
    warned("access_groups", TEAMS),
    warned("access_windows", "a model may be used at any time"),
    warned("allow_fail_open", "limits always hold"),
    warned("*cost*", "prices are told and not added up"),
    warned("created_at", "told, and without effect"),
    warned("created_by", "told, and without effect"),
    warned("db_model", "models of the table and of this list are served alike"),
    warned("internal_router_model", "requests name their model"),
    warned("member_auto_router", "requests name their model"),
    warned("ptu_*", "prices are told and not added up"),
    warned("team_id", TEAMS),
    warned("team_public_model_name", TEAMS),
    warned("tier", "there are no tiers of callers"),
    warned("tiered_pricing", "prices are told and not added up"),
    warned("updated_at", "told, and without effect"),
    warned("updated_by", "told, and without effect"),
];

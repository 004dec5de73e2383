//! One thing about a control that a template can show: its words, its profile and its check.

use serde::Serialize;

use crate::leaf::Want;
use crate::report::Severity;
use crate::rules::GROUPS;
use crate::settings::Profile;
use crate::world::{Index, Resource, World};

/// A rule. Everything a person needs to act on a finding is here, in plain words.
#[derive(Debug, Serialize)]
pub struct Rule {
    /// The control's id and a word or two, such as `NET-31-open-ingress`.
    pub id: &'static str,
    /// What is asked for, as a sentence without full stop.
    pub title: &'static str,
    /// What an attacker or an outage could do without it.
    pub why: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// What it costs, if it is not free.
    pub cost: Option<&'static str>,
    /// The first profile that enforces it.
    pub from: Profile,
    /// How bad a breach is.
    pub severity: Severity,
    #[serde(skip)]
    pub(crate) check: Check,
}

impl Rule {
    /// The id of the control it belongs to, such as `NET-31`.
    pub fn control(&self) -> &'static str {
        let end = self.id.match_indices('-').nth(1).map_or(self.id.len(), |(at, _)| at);
        &self.id[..end]
    }

    /// Whether a deployment of this profile is refused for it.
    pub fn is_enforced(&self, profile: Profile) -> bool {
        profile >= self.from
    }

    /// Whether it makes something hard to delete, which a deployment that may be torn down does not want.
    pub fn is_against_deletion(&self) -> bool {
        self.id.ends_with("-deletion")
    }
}

/// Every rule, in the order of the controls.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().copied().flatten()
}

/// The rule of this id, if there is one.
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}

/// How a rule looks.
#[derive(Debug)]
pub(crate) enum Check {
    /// Every resource of these types has each of these properties as wanted.
    Property(Property),
    /// In its own way.
    With(fn(&World<'_>, &mut Findings)),
}

/// A rule about properties of one resource at a time.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) kinds: &'static [&'static str],
    /// Paths from `Properties`; see [`crate::walk::walk`].
    pub(crate) paths: &'static [&'static str],
    pub(crate) want: Want,
    /// Resources the rule does not speak of.
    pub(crate) unless: fn(&World<'_>, &Resource<'_>) -> bool,
}

impl Check {
    /// Every resource of `kinds` has `paths` as wanted.
    pub(crate) const fn property(
        kinds: &'static [&'static str],
        paths: &'static [&'static str],
        want: Want,
    ) -> Self {
        Self::Property(Property { kinds, paths, want, unless: |_, _| false })
    }

    /// As [`Check::property`], but not for the resources that `unless` picks.
    pub(crate) const fn property_unless(
        kinds: &'static [&'static str],
        paths: &'static [&'static str],
        want: Want,
        unless: fn(&World<'_>, &Resource<'_>) -> bool,
    ) -> Self {
        Self::Property(Property { kinds, paths, want, unless })
    }

    pub(crate) fn run(&self, world: &World<'_>, findings: &mut Findings) {
        match self {
            Self::With(check) => check(world, findings),
            Self::Property(property) => property.run(world, findings),
        }
    }
}

impl Property {
    fn run(&self, world: &World<'_>, findings: &mut Findings) {
        for resource in self.kinds.iter().flat_map(|kind| world.of(kind)) {
            if (self.unless)(world, resource) {
                continue;
            }
            for path in self.paths {
                resource.each(world, path, |trail, leaf| {
                    if !self.want.holds(leaf) {
                        // The trail ends where something is missing; the path says what.
                        let place = trail.to_string();
                        let place = if place.contains(['[', '(']) { place } else { (*path).to_owned() };
                        findings.add(resource, place, self.want.message(leaf));
                    }
                });
            }
        }
    }
}

/// Where a rule does not hold, as it is being found out.
#[derive(Debug, Default)]
pub(crate) struct Findings(pub(crate) Vec<Raw>);

/// A finding before it has its rule's words.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) resource: Index,
    pub(crate) path: String,
    pub(crate) message: String,
}

impl Findings {
    /// Notes that the rule does not hold at `path` of `resource`.
    pub(crate) fn add(
        &mut self,
        resource: &Resource<'_>,
        path: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.0.push(Raw { resource: resource.index, path: path.into(), message: message.into() });
    }
}

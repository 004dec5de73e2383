//! What AWS's resource schemas say of a type's properties, as static data: the generator writes it, [`crate::check`]
//! walks it, a later diff reads how each property may change.

/// A resource type.
#[derive(Debug)]
pub struct ResourceShape {
    /// `AWS::EC2::Subnet`.
    pub cfn_type: &'static str,
    /// The properties of the resource itself.
    pub properties: &'static ObjectShape,
    /// Properties that the service sets and a template must not (`SubnetId`).
    pub read_only: &'static [&'static str],
    /// Property paths with the effect of changing them, where that is more than an update in place (`Tags/*/Key`).
    pub updates: &'static [(&'static str, Update)],
    /// Property paths that are never read back: a diff cannot see drift there.
    pub write_only: &'static [&'static str],
    /// Whether replacing or deleting such a resource loses data.
    pub stateful: bool,
    /// The property that takes tags, where there is one.
    pub tags: Option<&'static str>,
}

/// What changing a property does to the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// The resource is replaced.
    Replaces,
    /// The resource is replaced under conditions that only the service knows.
    MayReplace,
}

/// An object of named properties.
#[derive(Debug)]
pub struct ObjectShape {
    /// The properties, sorted by name.
    pub properties: &'static [Property],
    /// Names of which all must be set.
    pub required: &'static [&'static str],
    /// Sets of names of which at least one must be set.
    pub any_of: &'static [&'static [&'static str]],
    /// Sets of names of which exactly one must be set.
    pub one_of: &'static [&'static [&'static str]],
    /// A name, and the names that may not stand beside it.
    pub excludes: &'static [(&'static str, &'static [&'static str])],
    /// A name, and the names that must stand beside it.
    pub requires: &'static [(&'static str, &'static [&'static str])],
    /// Whether names that are not listed may be set.
    pub open: bool,
}

/// One property of an object.
#[derive(Debug)]
pub struct Property {
    /// `CidrBlock`.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
}

/// What a property takes. Bounds are inclusive; `None` is no bound.
#[derive(Debug)]
pub enum Kind {
    /// Anything: the schema does not say.
    Any,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer {
        /// The smallest allowed.
        min: Option<i64>,
        /// The largest allowed.
        max: Option<i64>,
    },
    /// A number.
    Number {
        /// The smallest allowed.
        min: Option<f64>,
        /// The largest allowed.
        max: Option<f64>,
    },
    /// Text.
    Text {
        /// The fewest characters.
        min: Option<usize>,
        /// The most characters.
        max: Option<usize>,
        /// A regular expression (ECMA dialect, unanchored).
        pattern: Option<&'static str>,
        /// The texts that are allowed; empty means any.
        allowed: &'static [&'static str],
    },
    /// A list.
    Array {
        /// What each item is.
        item: &'static Kind,
        /// The fewest items.
        min: Option<usize>,
        /// The most items.
        max: Option<usize>,
        /// Whether no item may appear twice.
        unique: bool,
    },
    /// Values by free names.
    Map(&'static Kind),
    /// An object of named properties.
    Object(&'static ObjectShape),
}

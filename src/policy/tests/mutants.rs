//! At least one way to break every rule, each found by the rule's control and by no other.

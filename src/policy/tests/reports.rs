//! What a report says, to people and to programs.

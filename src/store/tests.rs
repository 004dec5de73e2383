//! One suite for both tables, and what each has to hold alone.

mod busy;
mod killed;
mod property;
mod stage;
mod suite;

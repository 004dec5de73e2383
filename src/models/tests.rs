//! Model management in a world of its own: the table is real, in one file; everything else can be told to fail.

mod api;
mod documented;
mod faults;
mod keys;
mod lives;
mod stage;

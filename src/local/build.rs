//! Has `lisa-local` built again once there is a page to take in.
//!
//! Files that were taken in are watched by the compiler. A folder that was missing is not; Cargo looks for it at every
//! build, which a build without optimization is spared: it reads the page when it is asked for it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../../dist/web");
    }
}

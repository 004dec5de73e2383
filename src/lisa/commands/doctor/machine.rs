//! The operator's machine: a container engine where an image is built from a Dockerfile, and room for what is built.

use std::path::Path;

use lisa_containers::Engine;
use lisa_deploy::assets::{Recipe, Wanted};
use lisa_deploy::doctor::Finding;
use nix::sys::statvfs::statvfs;

use crate::progress::bytes;

/// Room that packages, images and their layers take: more than is needed without images of engines.
const ROOM: u64 = 2_000_000_000;

/// Room that an engine's image takes while it is built and pushed.
const ROOM_FOR_IMAGES: u64 = 30_000_000_000;

/// Looks at the machine.
pub(super) async fn check(wanted: &[Wanted]) -> Vec<Finding> {
    let builds = wanted.iter().any(|wanted| matches!(wanted.recipe, Recipe::Dockerfile { .. }));
    let room = if builds { ROOM_FOR_IMAGES } else { ROOM };
    vec![engine(builds).await, disk(Path::new("."), room)]
}

async fn engine(needed: bool) -> Finding {
    const CHECK: &str = "container engine";
    match Engine::connect().await {
        Ok(engine) => Finding::good(CHECK, format!("answers at {}", engine.address())),
        Err(_) if !needed => {
            Finding::good(CHECK, "none answers, and none is needed: no image is built from a Dockerfile")
        }
        Err(error) => {
            let help = "Start Docker or Podman, or set `DOCKER_HOST` to where it listens.";
            Finding::bad(CHECK, error.to_string(), help)
        }
    }
}

/// Room on the disk that a folder is on, or would be.
fn disk(folder: &Path, needed: u64) -> Finding {
    const CHECK: &str = "disk";
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let free = match statvfs(there) {
        Ok(disk) => disk.blocks_available().saturating_mul(disk.fragment_size()),
        Err(error) => {
            let says = format!("the room at {} is not known: {error}", there.display());
            return Finding::doubtful(CHECK, says, "Make sure that there is room for what is built.");
        }
    };
    let says = format!("{} free at {}", bytes(free), there.display());
    if free < needed {
        return Finding::bad(CHECK, says, format!("Make {} of room there.", bytes(needed)));
    }
    Finding::good(CHECK, says)
}

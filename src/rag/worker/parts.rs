//! Embeddings that are done, kept as objects until the document is in its store: what ends in the middle sends no text
//! twice.

use bytes::Bytes;
use lisa_store::documents::Job;

use crate::error::Error;
use crate::ports::World;

/// Chunks of a part.
pub(super) const PART: usize = 256;

/// The embeddings of one part, as they are kept.
pub(super) fn key(job: &Job, fingerprint: &str, part: usize) -> String {
    format!(".ingest/{}/{}/{}/{part}", job.repository_id, job.job_id, fingerprint)
}

/// A part that is done; `None` if it is not, or cannot be understood.
pub(super) async fn load(world: &World, key: &str, count: usize) -> Result<Option<Vec<Vec<f32>>>, Error> {
    let Some(bytes) = world.objects.get(key).await? else { return Ok(None) };
    Ok(parse(&bytes, count))
}

/// Keeps a part.
pub(super) async fn save(world: &World, key: &str, vectors: &[Vec<f32>]) -> Result<(), Error> {
    Ok(world.objects.put(key, written(vectors)).await?)
}

/// Removes a job's parts.
pub(super) async fn remove(world: &World, job: &Job, fingerprint: &str, count: usize) -> Result<(), Error> {
    for part in 0..count.div_ceil(PART) {
        world.objects.delete(&key(job, fingerprint, part)).await?;
    }
    Ok(())
}

/// The length of a vector, then all of them one after the other, little endian.
fn written(vectors: &[Vec<f32>]) -> Bytes {
    let dimension = vectors.first().map_or(0, Vec::len);
    let length = u32::try_from(dimension).unwrap_or_default();
    let numbers = vectors.iter().flatten().flat_map(|number| number.to_le_bytes());
    length.to_le_bytes().into_iter().chain(numbers).collect()
}

fn parse(bytes: &[u8], count: usize) -> Option<Vec<Vec<f32>>> {
    let (length, numbers) = bytes.split_first_chunk::<4>()?;
    let dimension = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if dimension == 0 || numbers.len() != dimension.checked_mul(count)?.checked_mul(4)? {
        return None;
    }
    let number = |bytes: &[u8]| bytes.first_chunk::<4>().map_or(0.0, |bytes| f32::from_le_bytes(*bytes));
    Some(numbers.chunks(dimension * 4).map(|vector| vector.chunks(4).map(number).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_comes_back_or_is_done_again() {
        let vectors = vec![vec![0.5, -1.0, f32::MIN_POSITIVE], vec![3.0, 0.0, 1e30]];
        let bytes = written(&vectors);
        assert_eq!(parse(&bytes, 2), Some(vectors));
        assert_eq!(parse(&bytes, 3), None);
        assert_eq!(parse(&bytes[..bytes.len() - 1], 2), None);
        assert_eq!(parse(&[], 1), None);
    }
}

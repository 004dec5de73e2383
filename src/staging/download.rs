//! Files from the hub into a model's folder: each whole or absent, a cut one going on where it ended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::header::CONTENT_RANGE;
use reqwest::{Response, StatusCode};
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Mutex;

use crate::choice;
use crate::convert::made_of;
use crate::error::{StageError, file};
use crate::folder::{Folder, Record, sha256};
use crate::hub::{Hub, HubError, Remote, unanswered, unsigned};
use crate::progress::Phase;
use crate::stage::Stage;

/// Files that come at once.
const FILES: usize = 4;

/// How often a file is fetched anew whose bytes are not those of the listing.
const AGAIN: u32 = 2;

/// A model's files at a commit, which never change.
struct Source<'a> {
    hub: &'a Hub,
    model: &'a str,
    commit: &'a str,
}

impl Stage<'_> {
    /// Brings a model's folder to a revision of the hub; what is there already is not fetched.
    pub(crate) async fn download(
        &self,
        hub: &Hub,
        model: &str,
        revision: &str,
        folder: &Folder,
    ) -> Result<(), StageError> {
        let listing = self.listing(hub, model, revision).await?;
        let chosen = choice::choose(model, listing.files.iter().map(|file| file.name.as_str()))?;
        let remotes: BTreeMap<&str, &Remote> =
            listing.files.iter().map(|file| (file.name.as_str(), file)).collect();
        let there = folder.files()?;
        let before = folder.record().unwrap_or_default();
        let is_there = |remote: &Remote| {
            let size = there.get(&remote.name);
            let is_its = before.files.get(&remote.name) == Some(&remote.identity);
            is_its && size.is_some() && remote.size.is_none_or(|wanted| size == Some(&wanted))
        };
        let wanted: Vec<&Remote> = chosen.all().filter_map(|name| remotes.get(name).copied()).collect();
        let (kept, missing): (Vec<&Remote>, Vec<&Remote>) =
            wanted.iter().partition(|remote| is_there(remote));
        let bytes = needed(&missing, folder);
        folder.fits(bytes + converted(&chosen, &remotes))?;
        folder.make_hidden()?;
        clear(folder, &before, &wanted, &missing)?;
        let files = kept.iter().map(|remote| (remote.name.clone(), remote.identity.clone())).collect();
        let (revision, commit) = (revision.to_owned(), listing.commit.clone());
        let record = Record { revision, commit, files, complete: false };
        folder.keep(&record)?;
        self.progress.begin(Phase::Download, bytes);
        let source = Source { hub, model, commit: &listing.commit };
        let record = Mutex::new(record);
        let fetched = stream::iter(missing).map(|remote| async {
            self.fetch(&source, remote, folder).await?;
            let mut record = record.lock().await;
            record.files.insert(remote.name.clone(), remote.identity.clone());
            folder.keep(&record)
        });
        fetched.buffer_unordered(FILES).try_collect::<()>().await?;
        folder.keep(&Record { complete: true, ..record.into_inner() })
    }

    /// Brings one file, checked, to its place.
    async fn fetch(&self, source: &Source<'_>, remote: &Remote, folder: &Folder) -> Result<(), StageError> {
        let (part, place) = (folder.gathering(remote), folder.place(&remote.name));
        let mut attempt = 1;
        while let Err(error) = self.gather(source, remote, &part).await {
            let is_content = matches!(error, StageError::Hub(HubError::Content { .. }));
            if is_content {
                // What is there is not a beginning of it.
                let _ = fs::remove_file(&part).await;
            }
            if !is_content || attempt >= AGAIN {
                return Err(error);
            }
            attempt += 1;
        }
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).await.map_err(file("make", parent))?;
        }
        fs::rename(&part, &place).await.map_err(file("write", &place))
    }

    /// Gathers a file's bytes and compares them with the listing.
    async fn gather(&self, source: &Source<'_>, remote: &Remote, part: &Path) -> Result<(), StageError> {
        let (mut failures, mut pause) = (0, self.tuning.pause);
        loop {
            let from = length(part).await;
            if remote.size == Some(from) {
                break;
            }
            match self.stream(source, remote, part, from).await {
                // What the listing gives no size for ends where the answer ends.
                Ok(()) if remote.size.is_none() => break,
                Ok(()) => {}
                Err(StageError::Hub(error)) if error.passes() => {
                    if length(part).await > from {
                        (failures, pause) = (0, self.tuning.pause);
                    }
                    failures += 1;
                    if failures >= self.tuning.attempts {
                        return Err(error.into());
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(self.tuning.longest_pause);
                }
                Err(error) => return Err(error),
            }
        }
        self.check(remote, part).await
    }

    async fn check(&self, remote: &Remote, part: &Path) -> Result<(), StageError> {
        if remote.size == Some(0) && length(part).await == 0 {
            fs::write(part, "").await.map_err(file("write", part))?;
        }
        let Some(expected) = &remote.sha256 else { return Ok(()) };
        let found = hashed(part).await?;
        if found == *expected {
            return Ok(());
        }
        let reason = format!("their SHA-256 is {found} and not {expected}");
        Err(HubError::Content { file: remote.name.clone(), reason }.into())
    }

    /// Writes what comes from a byte on.
    async fn stream(
        &self,
        source: &Source<'_>,
        remote: &Remote,
        part: &Path,
        from: u64,
    ) -> Result<(), StageError> {
        let mut answer = source.hub.open(source.model, source.commit, &remote.name, from).await?;
        let begin = begin(&answer, remote, from)?;
        let mut options = File::options();
        let to = options.create(true).write(true).truncate(begin == 0).append(begin > 0).open(part).await;
        let mut to = to.map_err(file("write", part))?;
        let mut at = begin;
        let ended = loop {
            let bytes = match answer.chunk().await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => break Ok(()),
                Err(error) => break Err(unanswered(answer.url(), error)),
            };
            at += bytes.len() as u64;
            if remote.size.is_some_and(|size| at > size) {
                return Err(longer(remote, at));
            }
            to.write_all(&bytes).await.map_err(file("write", part))?;
            self.progress.add(bytes.len() as u64);
        };
        to.flush().await.map_err(file("write", part))?;
        to.sync_all().await.map_err(file("write", part))?;
        ended?;
        match remote.size {
            Some(size) if at < size => {
                let reason = format!("it ends after {at} of {size} bytes");
                Err(HubError::Unanswered { url: unsigned(answer.url()), reason }.into())
            }
            _ => Ok(()),
        }
    }
}

/// Removes what an earlier download has brought that is not wanted now, and what was made of files that come anew: whoever
/// chooses among all of them would choose old weights.
fn clear(
    folder: &Folder,
    before: &Record,
    wanted: &[&Remote],
    missing: &[&Remote],
) -> Result<(), StageError> {
    let is_wanted = |name: &str| wanted.iter().any(|remote| remote.name == name);
    let gone: BTreeSet<&str> =
        before.files.keys().map(String::as_str).filter(|name| !is_wanted(name)).collect();
    let anew = missing.iter().map(|remote| remote.name.as_str());
    let made = gone.iter().copied().chain(anew).filter(|name| choice::is_torch(name)).flat_map(made_of);
    let made: BTreeSet<String> = made.filter(|name| !is_wanted(name)).collect();
    // A run that is cut here leaves a folder that says so.
    folder.keep(&Record { complete: false, ..before.clone() })?;
    gone.into_iter().chain(made.iter().map(String::as_str)).try_for_each(|name| folder.remove(name))
}

/// Where an answer begins: at the byte that was asked for, or at the first where the server knows no ranges.
fn begin(answer: &Response, remote: &Remote, from: u64) -> Result<u64, StageError> {
    let wrong = |reason: String| StageError::from(HubError::Content { file: remote.name.clone(), reason });
    match answer.status() {
        StatusCode::PARTIAL_CONTENT => {
            let range =
                answer.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok()).unwrap_or("");
            if is_from(range, from, remote.size) {
                return Ok(from);
            }
            Err(wrong(format!("bytes from {from} on were asked for and `{range}` was answered")))
        }
        StatusCode::RANGE_NOT_SATISFIABLE => Err(wrong(format!("it has no byte {from}"))),
        _ => match (answer.content_length(), remote.size) {
            (Some(given), Some(size)) if given != size => Err(wrong(format!("{given} bytes and not {size}"))),
            _ => Ok(0),
        },
    }
}

/// Whether a range, such as `bytes 5-9/10`, begins at a byte and is one of so many.
fn is_from(range: &str, from: u64, size: Option<u64>) -> bool {
    let rest = range.strip_prefix(&format!("bytes {from}-")).and_then(|rest| rest.split_once('/'));
    rest.is_some_and(|(_, all)| size.is_none_or(|size| all == "*" || all.parse() == Ok(size)))
}

fn longer(remote: &Remote, at: u64) -> StageError {
    let reason = format!("{at} bytes and more");
    HubError::Content { file: remote.name.clone(), reason }.into()
}

async fn length(path: &Path) -> u64 {
    fs::metadata(path).await.map_or(0, |metadata| metadata.len())
}

async fn hashed(path: &Path) -> Result<String, StageError> {
    let own = path.to_owned();
    let hashed = tokio::task::spawn_blocking(move || sha256(&own, &|_| ())).await;
    hashed.map_err(std::io::Error::other).map_err(file("read", path))?
}

/// Bytes that are still to come.
fn needed(missing: &[&Remote], folder: &Folder) -> u64 {
    let begun = |remote: &Remote| std::fs::metadata(folder.gathering(remote)).map_or(0, |part| part.len());
    missing.iter().map(|remote| remote.size.unwrap_or(0).saturating_sub(begun(remote))).sum()
}

/// Bytes that a conversion adds.
fn converted(chosen: &choice::Choice, remotes: &BTreeMap<&str, &Remote>) -> u64 {
    let size = |name: &String| remotes.get(name.as_str()).and_then(|remote| remote.size);
    chosen.torch.iter().filter_map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::is_from;

    #[test]
    fn ranges() {
        assert!(is_from("bytes 5-9/10", 5, Some(10)));
        assert!(is_from("bytes 5-9/*", 5, Some(10)));
        assert!(is_from("bytes 5-9/10", 5, None));
        assert!(!is_from("bytes 5-9/110", 5, Some(10)), "another size that ends so");
        assert!(!is_from("bytes 50-99/100", 5, Some(100)));
        assert!(!is_from("", 5, None));
    }
}

//! The SQLite file: opened so that nothing is lost, one connection that writes, others that read.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::Error;

/// How long a write waits for another process that has the file.
const PATIENCE: Duration = Duration::from_secs(10);

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 64;

/// A file and its connections.
pub(super) struct File {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl File {
    /// Opens a file, or makes it and its folder for the process's user alone.
    pub(super) fn open(folder: &Path, name: &str) -> Result<Self, Error> {
        let path = folder.join(name);
        make(folder, &path).map_err(|error| {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
            let source = rusqlite::Error::SqliteFailure(code, Some(error.to_string()));
            Error::Database { path: path.clone(), source }
        })?;
        let writer = connect(&path).map_err(|source| Error::Database { path: path.clone(), source })?;
        Ok(Self { path, writer: Mutex::new(writer), readers: Mutex::default() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The error of a statement.
    pub(super) fn error(&self, source: rusqlite::Error) -> Error {
        match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Error::Busy { table: self.path.display().to_string(), message: source.to_string() }
            }
            _ => Error::Database { path: self.path.clone(), source },
        }
    }

    /// Does something in one transaction, on this thread.
    pub(super) fn write_now<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let done = self.transaction(|connection| Ok(work(connection)));
        done.and_then(|done: Result<T, rusqlite::Error>| done.map_err(|source| self.error(source)))
    }

    /// Does something in one transaction; an error undoes it.
    pub(super) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let done = self.write_or_undo(work).await?;
        done.map_err(|source| self.error(source))
    }

    /// Does something in one transaction; an error of any kind undoes it and is handed back.
    pub(super) async fn write_or_undo<T: Send + 'static, E: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<Result<T, E>, Error> {
        let file = Arc::clone(self);
        self.elsewhere(move || file.transaction(|connection| Ok(work(connection)))).await
    }

    /// Reads, beside whoever writes.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let file = Arc::clone(self);
        self.elsewhere(move || {
            let kept = file.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection =
                kept.map_or_else(|| connect(&file.path), Ok).map_err(|error| file.error(error))?;
            let done = work(&connection).map_err(|error| file.error(error));
            file.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            done
        })
        .await
    }

    /// Runs on a thread that may block.
    async fn elsewhere<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| {
            let message = format!("the call was given up: {error}");
            Err(Error::Unanswered { table: self.path.display().to_string(), message })
        })
    }

    /// Runs `work` in a transaction. What it returns as an error inside undoes the transaction.
    fn transaction<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<Result<T, E>, rusqlite::Error>,
    ) -> Result<Result<T, E>, Error> {
        // A panic in an earlier call has undone its transaction, so that the connection is as good as before.
        let mut connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = transaction.map_err(|error| self.error(error))?;
        let done = work(&transaction).map_err(|error| self.error(error))?;
        if done.is_ok() {
            transaction.commit().map_err(|error| self.error(error))?;
        }
        Ok(done)
    }
}

fn make(folder: &Path, path: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Readers go on beside a writer, and a commit waits for the disk.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

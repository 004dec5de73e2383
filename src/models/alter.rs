//! Changes to a row: read, decide, write if nothing has changed in between, else once more.

use crate::error::Error;
use crate::ports::{Clock, Rows};
use crate::row::Row;

/// Writers that one may meet in a row; more than there can be workflows of one model at once.
const ROUNDS: u32 = 10;

/// What becomes of a row.
#[derive(Debug)]
pub(crate) enum Decision {
    /// It stays as it is.
    Keep,
    /// It is written.
    Write(Box<Row>),
    /// It goes.
    Remove,
    /// It is not the caller's to change.
    Refuse(Error),
}

impl Decision {
    /// Writes the row.
    pub(crate) fn write(row: Row) -> Self {
        Self::Write(Box::new(row))
    }
}

/// Changes a model's row as `decide` says of the row that is there. Returns what stands there then.
pub(crate) async fn alter(
    rows: &dyn Rows,
    clock: &dyn Clock,
    id: &str,
    mut decide: impl FnMut(Option<Row>) -> Decision + Send,
) -> Result<Option<Row>, Error> {
    for _ in 0..ROUNDS {
        let found = rows.get(id).await?;
        let revision = found.as_ref().map_or(0, |row| row.revision);
        match decide(found.clone()) {
            Decision::Keep => return Ok(found),
            Decision::Refuse(error) => return Err(error),
            Decision::Remove if found.is_none() => return Ok(None),
            Decision::Remove => {
                if rows.remove(id, revision).await? {
                    return Ok(None);
                }
            }
            Decision::Write(mut row) => {
                row.revision = revision + 1;
                row.modified = clock.now().0;
                if rows.put(&row).await? {
                    return Ok(Some(*row));
                }
            }
        }
    }
    Err(Error::Unavailable(format!("the row of model `{id}` changes too often to be written")))
}

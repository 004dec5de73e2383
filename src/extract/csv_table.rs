//! Values separated by commas, semicolons or tabs: one table, its first row the header.

use csv::ReaderBuilder;

use crate::error::ExtractError;
use crate::format::Format;
use crate::table::Table;
use crate::writer::Writer;

/// Reads a table.
pub(crate) fn read(text: &str, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut table = Table::default();
    for row in reader.records() {
        let row = row.map_err(|error| ExtractError::broken(Format::Csv, error.to_string()))?;
        writer.budget.object()?;
        table.row(row.iter().map(str::to_owned).collect());
    }
    table.write(writer)
}

/// Of the usual separators the one that the first line has most of.
fn delimiter(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: &u8| line.bytes().filter(|byte| byte == separator).count();
    // The last of equals is taken, and without any a comma is as good as none.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

//! XLSX: a page for each sheet, under its name, and a table for each stretch of rows.

use std::collections::BTreeSet;
use std::io::Cursor;

use calamine::{Data, DataRef, Reader as _, Xlsx, XlsxError};

use super::archive::Archive;
use crate::error::ExtractError;
use crate::format::Format;
use crate::table::Table;
use crate::writer::Writer;

/// Reads a workbook.
pub(crate) fn read(bytes: &[u8], writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    // The reader below takes all of the shared texts at once, whatever their size.
    Archive::open(bytes, Format::Xlsx)?.measure(writer.budget)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| wrong(&error))?;
    for (number, sheet) in (1..).zip(workbook.sheet_names()) {
        writer.page(number)?;
        writer.heading(1, &sheet)?;
        read_sheet(&mut workbook, &sheet, writer)?;
    }
    Ok(())
}

/// A row's number and its cells, each with its column.
type Row = (u32, Vec<(u32, String)>);

/// Cells come one by one: a sheet with a cell in its last row and column is as small as it looks.
fn read_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    writer: &mut Writer<'_>,
) -> Result<(), ExtractError> {
    // A sheet of charts has no cells.
    let Ok(mut cells) = workbook.worksheet_cells_reader(sheet) else { return Ok(()) };
    let mut rows: Vec<Row> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(|error| wrong(&error))? {
        writer.budget.object()?;
        let text = shown(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        match rows.last_mut() {
            Some((last, cells)) if *last == row => cells.push((column, text)),
            // An empty row ends a table.
            last => {
                if last.is_some_and(|(last, _)| row != *last + 1) {
                    write(std::mem::take(&mut rows), writer)?;
                }
                rows.push((row, vec![(column, text)]));
            }
        }
    }
    write(rows, writer)
}

fn write(rows: Vec<Row>, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let columns: BTreeSet<u32> =
        rows.iter().flat_map(|(_, cells)| cells.iter().map(|(column, _)| *column)).collect();
    let columns: Vec<u32> = columns.into_iter().collect();
    let mut table = Table::default();
    for (_, cells) in rows {
        let mut row = vec![String::new(); columns.len()];
        // Cells in many columns, each row in others, would be a table of little but bars.
        crate::limits::within("columns of a sheet", columns.len() as u64, 1_000)?;
        for (column, text) in cells {
            if let Some(cell) = columns.binary_search(&column).ok().and_then(|at| row.get_mut(at)) {
                *cell = text;
            }
        }
        table.row(row);
    }
    table.write(writer)
}

fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::DateTime(time) if time.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            match (hour, minute, second) {
                (0, 0, 0) => date,
                _ => format!("{date} {hour:02}:{minute:02}:{second:02}"),
            }
        }
        other => Data::from(other.clone()).to_string(),
    }
}

fn wrong(error: &XlsxError) -> ExtractError {
    match error {
        XlsxError::Password => ExtractError::Encrypted,
        error => ExtractError::broken(Format::Xlsx, error.to_string()),
    }
}

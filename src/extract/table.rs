//! A table's rows as Markdown: one line a row, so that it can be cut between rows and read by a model.

use crate::document::Kind;
use crate::error::ExtractError;
use crate::writer::Writer;

/// Rows of a table, the first one its header.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Adds a row. Lines within a cell become spaces.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The cells one after the other, for a table within a cell of another.
    pub(crate) fn into_text(self) -> String {
        self.rows.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// Writes the table, and nothing where all cells are empty.
    pub(crate) fn write(self, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        let is_empty = |cell: &String| cell.trim().is_empty();
        let rows: Vec<_> = self.rows.into_iter().filter(|row| !row.iter().all(is_empty)).collect();
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        // What stands in one column, or in one row of one cell, is layout and no table.
        if columns <= 1 {
            for row in rows {
                for cell in row {
                    writer.block(Kind::Paragraph, &cell)?;
                }
            }
            return Ok(());
        }
        let mut text = String::new();
        for (index, row) in rows.iter().enumerate() {
            line(&mut text, row, columns);
            if index == 0 {
                text.push('|');
                for _ in 0..columns {
                    text.push_str(" --- |");
                }
                text.push('\n');
            }
            writer.budget.step()?;
        }
        writer.block(Kind::Table, &text)
    }
}

fn line(text: &mut String, row: &[String], columns: usize) {
    text.push('|');
    for column in 0..columns {
        text.push(' ');
        let cell = row.get(column).map(String::as_str).unwrap_or_default();
        let mut first = true;
        for word in cell.split_whitespace() {
            if !first {
                text.push(' ');
            }
            first = false;
            if word.contains('|') { text.push_str(&word.replace('|', "\\|")) } else { text.push_str(word) }
        }
        text.push_str(" |");
    }
    text.push('\n');
}

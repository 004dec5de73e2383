//! The order of cells in each column: sweeps to and fro that put each cell at the average of its neighbours, of
//! which the arrangement with the fewest crossings is kept.

use super::bands::Band;

/// More sweeps than this have not been seen to help.
const SWEEPS: usize = 12;

/// Reorders every column so that few edges cross.
pub(super) fn untangle(band: &mut Band) {
    let neighbours = band.neighbours();
    let mut best = band.columns.clone();
    let mut fewest = crossings(&band.columns, &neighbours);
    for sweep in 0..SWEEPS {
        let side = sweep % 2;
        let count = band.columns.len();
        let columns: Vec<usize> =
            if side == 0 { (1..count).collect() } else { (0..count.saturating_sub(1)).rev().collect() };
        for column in columns {
            let beside = if side == 0 { column - 1 } else { column + 1 };
            let place = places(&band.columns[beside], band.cells.len());
            sort_by_average(&mut band.columns[column], |cell| &neighbours[cell][side], &place);
        }
        let now = crossings(&band.columns, &neighbours);
        if now < fewest {
            (fewest, best) = (now, band.columns.clone());
        }
    }
    band.columns = best;
}

/// Sorts a column by where each cell's neighbours stand; a cell without neighbours keeps its place.
fn sort_by_average<'a>(column: &mut [usize], neighbours: impl Fn(usize) -> &'a Vec<usize>, place: &[f64]) {
    let mut keyed: Vec<(f64, usize)> = Vec::with_capacity(column.len());
    for (index, &cell) in column.iter().enumerate() {
        let beside = neighbours(cell);
        let key =
            if beside.is_empty() { real(index) } else { average(beside.iter().map(|other| place[*other])) };
        keyed.push((key, cell));
    }
    keyed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    for (slot, (_, cell)) in column.iter_mut().zip(keyed) {
        *slot = cell;
    }
}

fn places(column: &[usize], cells: usize) -> Vec<f64> {
    let mut place = vec![0.0; cells];
    for (index, cell) in column.iter().enumerate() {
        place[*cell] = real(index);
    }
    place
}

/// How many pairs of edges cross between neighbouring columns.
fn crossings(columns: &[Vec<usize>], neighbours: &[[Vec<usize>; 2]]) -> usize {
    let mut total = 0;
    for pair in columns.windows(2) {
        let place = places(&pair[1], neighbours.len());
        let ends: Vec<Vec<f64>> =
            pair[0].iter().map(|cell| neighbours[*cell][1].iter().map(|to| place[*to]).collect()).collect();
        for (index, upper) in ends.iter().enumerate() {
            for lower in &ends[index + 1..] {
                total +=
                    upper.iter().map(|high| lower.iter().filter(|low| *low < high).count()).sum::<usize>();
            }
        }
    }
    total
}

pub(super) fn average(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = real(values.len());
    values.sum::<f64>() / count
}

/// A count as a coordinate. Pictures have fewer than 2^32 cells.
fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

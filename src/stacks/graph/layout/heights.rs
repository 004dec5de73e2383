//! The height of every cell: as near to its neighbours' average as the order and the room between cells allow.

use super::bands::{Band, Cell};
use super::order::average;

/// After this many rounds nothing moves by a visible amount.
const ROUNDS: usize = 24;

/// The middle of each cell, in pixels below the top.
pub(super) fn assign(band: &Band) -> Vec<f64> {
    let neighbours = band.neighbours();
    let mut middles = vec![0.0; band.cells.len()];
    for column in &band.columns {
        let wanted = vec![0.0; column.len()];
        settle(band, column, &wanted, &mut middles);
    }
    for round in 0..ROUNDS {
        let count = band.columns.len();
        for step in 0..count {
            let column = &band.columns[if round % 2 == 0 { step } else { count - 1 - step }];
            let wanted: Vec<f64> = column
                .iter()
                .map(|cell| {
                    let beside: Vec<f64> =
                        neighbours[*cell].iter().flatten().map(|other| middles[*other]).collect();
                    if beside.is_empty() { middles[*cell] } else { average(beside.into_iter()) }
                })
                .collect();
            settle(band, column, &wanted, &mut middles);
        }
    }
    for column in &band.columns {
        let wanted: Vec<f64> =
            column.iter().map(|cell| straight(band, *cell, &neighbours, &middles)).collect();
        settle(band, column, &wanted, &mut middles);
    }
    let tops = band.columns.iter().flatten().map(|cell| middles[*cell] - super::BOX_HEIGHT / 2.0);
    let top = tops.fold(f64::INFINITY, f64::min);
    middles.iter().map(|middle| (middle - top).round()).collect()
}

/// Where a cell goes at last: an edge that passes goes straight on, a node stays.
fn straight(band: &Band, cell: usize, neighbours: &[[Vec<usize>; 2]], middles: &[f64]) -> f64 {
    match (band.cells[cell], neighbours[cell][0].first()) {
        (Cell::Passage, Some(before)) => middles[*before],
        _ => middles[cell],
    }
}

/// Puts a column's cells as near to where they are wanted as their order and sizes allow, by least squares: cells
/// that would overlap form a group, and the group stands at the average of its cells' wishes.
fn settle(band: &Band, column: &[usize], wanted: &[f64], middles: &mut [f64]) {
    let mut offsets = Vec::with_capacity(column.len());
    let mut below = 0.0;
    for cell in column {
        offsets.push(below + band.half(*cell));
        below += 2.0 * band.half(*cell);
    }
    // Each group: the average of `wanted - offset` over its cells, and how many they are.
    let mut groups: Vec<(f64, usize)> = Vec::new();
    for (wish, offset) in wanted.iter().zip(&offsets) {
        let mut group = (wish - offset, 1);
        while let Some(&above) = groups.last().filter(|above| above.0 >= group.0) {
            groups.pop();
            group = merged(above, group);
        }
        groups.push(group);
    }
    let starts = groups.into_iter().flat_map(|(start, size)| std::iter::repeat_n(start, size));
    for ((cell, offset), start) in column.iter().zip(&offsets).zip(starts) {
        middles[*cell] = start + offset;
    }
}

fn merged(above: (f64, usize), below: (f64, usize)) -> (f64, usize) {
    let weight = |size: usize| f64::from(u32::try_from(size).unwrap_or(u32::MAX));
    let (a, b) = (weight(above.1), weight(below.1));
    ((above.0 * a + below.0 * b) / (a + b), above.1 + below.1)
}

//! Where nodes and edges of a picture go: in columns from left to right, so that every edge points to the right.
//!
//! Four steps after Sugiyama: columns ([`columns`]), an order in each column with few crossings ([`order`]), heights
//! that keep edges straight ([`heights`]), and then positions. Parts that no edge connects lie in bands, one below
//! the other, and nodes without edges in a block of their own at the bottom.

mod bands;
mod columns;
mod heights;
mod order;

use std::collections::BTreeMap;

use self::bands::{Band, Cell};

use super::Graph;

/// Height of a node's box.
pub(super) const BOX_HEIGHT: f64 = 44.0;
/// Room between a box and the next one below.
const ROW_GAP: f64 = 14.0;
/// Room between columns, where edges bend.
const COLUMN_GAP: f64 = 64.0;
/// Room that an edge takes where it passes a column.
const LANE: f64 = 10.0;
/// Room between the bands and the nodes without edges.
const BLOCK_GAP: f64 = 36.0;

/// A picture's geometry, in pixels from its top left corner.
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// One box per node of the graph, in its order.
    pub(super) boxes: Vec<Rectangle>,
    /// One line per edge of the graph, in its order: the points that it passes, from left to right.
    pub(super) lines: Vec<Vec<Point>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rectangle {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Left side and width of a column.
#[derive(Clone, Copy, Debug, Default)]
struct Column {
    x: f64,
    width: f64,
}

impl Layout {
    /// Places `graph`; `width` is how wide a node's box has to be.
    pub(super) fn of(graph: &Graph, width: impl Fn(usize) -> f64) -> Self {
        let index: BTreeMap<&str, usize> =
            graph.nodes.iter().enumerate().map(|(index, node)| (node.id.as_str(), index)).collect();
        let edges: Vec<(usize, usize)> =
            graph.edges.iter().map(|edge| (index[edge.from.as_str()], index[edge.to.as_str()])).collect();
        let widths: Vec<f64> = (0..graph.nodes.len()).map(width).collect();
        let column_of = columns::assign(graph.nodes.len(), &edges);
        let columns = sized(&column_of, &widths);
        let mut layout = Self {
            width: columns.last().map_or(0.0, |last| last.x + last.width),
            height: 0.0,
            boxes: vec![Rectangle::default(); widths.len()],
            lines: vec![Vec::new(); edges.len()],
        };
        for mut band in bands::split(&column_of, &edges) {
            order::untangle(&mut band);
            layout.add_band(&band, &columns);
        }
        let loose: Vec<usize> = (0..widths.len()).filter(|node| column_of[*node].is_none()).collect();
        layout.add_block(&loose, &widths);
        layout
    }

    /// Puts a band below what is there.
    fn add_band(&mut self, band: &Band, columns: &[Column]) {
        let top = if self.height > 0.0 { self.height + 2.0 * ROW_GAP } else { 0.0 };
        let middles: Vec<f64> = heights::assign(band).iter().map(|middle| middle + top).collect();
        for (cells, column) in band.columns.iter().zip(columns) {
            for cell in cells {
                if let Cell::Node(node) = band.cells[*cell] {
                    let y = middles[*cell] - BOX_HEIGHT / 2.0;
                    self.boxes[node] = Rectangle { x: column.x, y, width: column.width };
                    self.height = self.height.max(y + BOX_HEIGHT);
                }
            }
        }
        for (edge, start, way) in &band.ways {
            self.lines[*edge] = line(way, &columns[*start..], &middles);
        }
    }

    /// Puts nodes without edges below everything, in rows as wide as the picture.
    fn add_block(&mut self, nodes: &[usize], widths: &[f64]) {
        const LEAST: f64 = 720.0;
        if nodes.is_empty() {
            return;
        }
        let widest = nodes.iter().map(|node| widths[*node]).fold(0.0, f64::max);
        let step = widest + ROW_GAP;
        let room = self.width.max(LEAST) + ROW_GAP;
        let top = if self.height > 0.0 { self.height + BLOCK_GAP } else { 0.0 };
        let (mut x, mut y) = (0.0, top);
        for node in nodes {
            if x > 0.0 && x + step > room {
                (x, y) = (0.0, y + BOX_HEIGHT + ROW_GAP);
            }
            self.boxes[*node] = Rectangle { x, y, width: widest };
            self.width = self.width.max(x + widest);
            x += step;
        }
        self.height = y + BOX_HEIGHT;
    }
}

/// The columns, each as wide as its widest box.
fn sized(column_of: &[Option<usize>], widths: &[f64]) -> Vec<Column> {
    let count = column_of.iter().flatten().max().map_or(0, |last| last + 1);
    let mut columns = vec![Column::default(); count];
    for (column, width) in column_of.iter().zip(widths) {
        if let Some(column) = column.map(|column| &mut columns[column]) {
            column.width = column.width.max(*width);
        }
    }
    let mut x = 0.0;
    for column in &mut columns {
        column.x = x;
        x += column.width + COLUMN_GAP;
    }
    columns
}

/// The points of an edge: it leaves a box at its right side, passes whole columns, and enters a box at its left.
fn line(way: &[usize], columns: &[Column], middles: &[f64]) -> Vec<Point> {
    let mut points = Vec::new();
    for (step, (cell, column)) in way.iter().zip(columns).enumerate() {
        let y = middles[*cell];
        if step > 0 {
            points.push(Point { x: column.x, y });
        }
        if step + 1 < way.len() {
            points.push(Point { x: column.x + column.width, y });
        }
    }
    points
}

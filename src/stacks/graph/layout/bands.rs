//! The parts of a graph that edges connect, each with its edges cut into pieces from one column to the next.

use super::{BOX_HEIGHT, LANE, ROW_GAP};

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// A node, by its index in the graph.
    Node(usize),
    /// An edge that passes.
    Passage,
}

/// A connected part of the graph.
#[derive(Debug, Default)]
pub(super) struct Band {
    /// The cells, column by column, from the graph's first column on.
    pub(super) columns: Vec<Vec<usize>>,
    /// What each cell is.
    pub(super) cells: Vec<Cell>,
    /// Of each edge: its index in the graph, the column it starts in, and the cells that it passes with both ends.
    pub(super) ways: Vec<(usize, usize, Vec<usize>)>,
}

/// The bands of a graph, in the order of their first nodes; nodes without a column are in none.
pub(super) fn split(column_of: &[Option<usize>], edges: &[(usize, usize)]) -> Vec<Band> {
    let part_of = parts(column_of.len(), edges);
    let firsts = (0..column_of.len()).filter(|node| part_of[*node] == *node && column_of[*node].is_some());
    firsts.map(|part| Band::new(part, &part_of, column_of, edges)).collect()
}

/// For each node the first node of the part that it belongs to.
fn parts(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut part_of: Vec<usize> = (0..nodes).collect();
    for &(from, to) in edges {
        let (a, b) = (part_of[from], part_of[to]);
        for part in &mut part_of {
            if *part == a || *part == b {
                *part = a.min(b);
            }
        }
    }
    part_of
}

impl Band {
    fn new(part: usize, part_of: &[usize], column_of: &[Option<usize>], edges: &[(usize, usize)]) -> Self {
        let mut band = Self::default();
        let mut cell_of = vec![0; part_of.len()];
        for (node, column) in column_of.iter().enumerate().filter(|(node, _)| part_of[*node] == part) {
            cell_of[node] = band.add(column.unwrap_or_default(), Cell::Node(node));
        }
        for (edge, &(from, to)) in edges.iter().enumerate().filter(|(_, ends)| part_of[ends.0] == part) {
            let (start, end) = (column_of[from].unwrap_or_default(), column_of[to].unwrap_or_default());
            let mut way = vec![cell_of[from]];
            way.extend((start + 1..end).map(|column| band.add(column, Cell::Passage)));
            way.push(cell_of[to]);
            band.ways.push((edge, start, way));
        }
        band
    }

    fn add(&mut self, column: usize, cell: Cell) -> usize {
        if self.columns.len() <= column {
            self.columns.resize(column + 1, Vec::new());
        }
        self.cells.push(cell);
        self.columns[column].push(self.cells.len() - 1);
        self.cells.len() - 1
    }

    /// Half the height that a cell needs, with the room around it.
    pub(super) fn half(&self, cell: usize) -> f64 {
        match self.cells[cell] {
            Cell::Node(_) => f64::midpoint(BOX_HEIGHT, ROW_GAP),
            Cell::Passage => LANE / 2.0,
        }
    }

    /// The neighbours of every cell: those before it and those after it.
    pub(super) fn neighbours(&self) -> Vec<[Vec<usize>; 2]> {
        let mut neighbours = vec![[Vec::new(), Vec::new()]; self.cells.len()];
        for step in self.ways.iter().flat_map(|(_, _, way)| way.windows(2)) {
            neighbours[step[1]][0].push(step[0]);
            neighbours[step[0]][1].push(step[1]);
        }
        neighbours
    }
}

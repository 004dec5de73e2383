//! A graph as a picture: rounded boxes in columns, curved lines between them, a legend of the colours.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::layout::{BOX_HEIGHT, Layout, Point, Rectangle};
use super::{Graph, Node, palette};

/// White space around the picture.
const MARGIN: f64 = 28.0;
/// Height of the title above the boxes.
const TITLE: f64 = 44.0;
/// Height of the legend below them.
const LEGEND: f64 = 40.0;
/// Width of a letter of a node's id (semibold, 13 px) and of its detail (11 px), rather too wide than too narrow.
const ID_LETTER: f64 = 8.6;
const DETAIL_LETTER: f64 = 6.4;

/// Colours change with the reader's theme; boxes keep theirs, so their text stays black.
const STYLE: &str = "\
    text{font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2937}\
    .title{font-size:17px;font-weight:600}.id{font-size:13px;font-weight:600}\
    .detail{font-size:11px;fill:#5b6472}.legend{font-size:11px}\
    .edge{fill:none;stroke:#94a3b8;stroke-width:1.4}.tip{fill:#94a3b8}\
    @media(prefers-color-scheme:dark){.title,.legend{fill:#e5e7eb}}";

pub(super) fn write(graph: &Graph) -> String {
    let layout = Layout::of(graph, |index| box_width(&graph.nodes[index]));
    let legend = legend(graph);
    let width = (layout.width + 2.0 * MARGIN).max(360.0);
    let height = layout.height + TITLE + 2.0 * MARGIN + if legend.is_empty() { 0.0 } else { LEGEND };
    let title = escaped(&graph.title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\n<style>{STYLE}</style>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"{}\">{title}</text>\n",
        MARGIN + 15.0
    );
    let _ = writeln!(svg, "<g transform=\"translate({MARGIN} {})\">", MARGIN + TITLE);
    for line in &layout.lines {
        edge(&mut svg, line);
    }
    for (node, place) in graph.nodes.iter().zip(&layout.boxes) {
        draw_box(&mut svg, node, *place);
    }
    let _ = writeln!(svg, "</g>");
    draw_legend(&mut svg, &legend, MARGIN + TITLE + layout.height + LEGEND - 6.0);
    svg.push_str("</svg>\n");
    svg
}

fn box_width(node: &Node) -> f64 {
    let letters = |text: &str| f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX));
    (letters(&node.id) * ID_LETTER).max(letters(&node.detail) * DETAIL_LETTER).round() + 30.0
}

fn draw_box(svg: &mut String, node: &Node, place: Rectangle) {
    let Rectangle { x, y, width } = place;
    let colours = palette::of(&node.group);
    let (id, detail, left) = (escaped(&node.id), escaped(&node.detail), x + 16.0);
    let _ = writeln!(
        svg,
        "<g><title>{id}: {detail}</title>\
         <rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BOX_HEIGHT}\" rx=\"7\" fill=\"{}\" stroke=\"{line}\"/>\
         <rect x=\"{}\" y=\"{}\" width=\"3\" height=\"{}\" rx=\"1.5\" fill=\"{line}\"/>\
         <text class=\"id\" x=\"{left}\" y=\"{}\">{id}</text>\
         <text class=\"detail\" x=\"{left}\" y=\"{}\">{detail}</text></g>",
        colours.fill,
        x + 6.0,
        y + 9.0,
        BOX_HEIGHT - 18.0,
        y + 19.0,
        y + 34.0,
        line = colours.line,
    );
}

/// A curve that leaves and enters every column horizontally, with a tip at its end.
fn edge(svg: &mut String, points: &[Point]) {
    const TIP: f64 = 7.0;
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
    let mut path = format!("M{} {}", first.x, first.y);
    for (index, step) in points.windows(2).enumerate() {
        let (from, to) = (step[0], step[1]);
        // Between columns the line bends; along a column it is straight.
        if index % 2 == 0 {
            let end = if index + 2 == points.len() { to.x - TIP } else { to.x };
            let bend = f64::midpoint(from.x, end);
            let _ = write!(path, "C{bend} {} {bend} {} {end} {}", from.y, to.y, to.y);
        } else {
            let _ = write!(path, "H{}", to.x);
        }
    }
    let (x, y) = (last.x, last.y);
    let _ = writeln!(svg, "<path class=\"edge\" d=\"{path}\"/>");
    let _ = writeln!(svg, "<path class=\"tip\" d=\"M{x} {y}L{} {}V{}Z\"/>", x - TIP - 1.0, y - 3.5, y + 3.5);
}

/// The colours in the picture and what they mean; nothing where all boxes are of one colour.
fn legend(graph: &Graph) -> BTreeMap<&'static str, palette::Colours> {
    let colours = graph.nodes.iter().map(|node| palette::of(&node.group));
    let legend: BTreeMap<_, _> = colours.map(|colours| (palette::meaning(colours), colours)).collect();
    if legend.len() > 1 { legend } else { BTreeMap::new() }
}

fn draw_legend(svg: &mut String, legend: &BTreeMap<&'static str, palette::Colours>, y: f64) {
    let mut x = MARGIN;
    for (meaning, colours) in legend {
        let (fill, line) = (colours.fill, colours.line);
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{}\" width=\"12\" height=\"12\" rx=\"3\" fill=\"{fill}\" stroke=\"{line}\"/>\
             <text class=\"legend\" x=\"{}\" y=\"{}\">{meaning}</text>",
            y - 10.0,
            x + 18.0,
            y
        );
        x += 36.0 + f64::from(u32::try_from(meaning.len()).unwrap_or_default()) * DETAIL_LETTER;
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

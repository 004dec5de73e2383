//! PDFs.

use insta::assert_snapshot;

use super::make::{self, lines, pdf};
use super::{read, shown};

#[test]
fn pages_headings_and_paragraphs_are_kept() {
    let first = [
        lines(20, 72, 700, &["Maintenance"]),
        lines(
            11,
            72,
            660,
            &["The pump is opened once a year and its seals are re-", "placed. Use only seals of the maker."],
        ),
        lines(11, 72, 600, &["A second paragraph."]),
    ];
    let second = [lines(20, 72, 700, &["Storage"]), lines(11, 72, 660, &["Keep it dry."])];
    let document = read("manual.pdf", pdf(&[&first.concat(), &second.concat()], "", &[]));
    assert_eq!(document.pages, Some(2));
    assert_snapshot!(shown(&document), @r"
    Heading [Maintenance] Maintenance
    Paragraph [Maintenance] The pump is opened once a year and its seals are replaced. Use only seals of the maker.
    Paragraph [Maintenance] A second paragraph.
    Heading [Storage] Storage
    Paragraph [Storage] Keep it dry.
    ");
    let pages: Vec<_> = document.blocks.iter().filter_map(|block| block.page).collect();
    assert_eq!(pages, [1, 1, 1, 2, 2]);
    let region = document.blocks[1].region.unwrap();
    assert_eq!((region.left, region.top, region.height), (72, 123, 27));
    assert!((240..300).contains(&region.width), "{region:?}");
}

#[test]
fn columns_are_read_one_after_the_other() {
    let left = lines(10, 72, 700, &["The left column", "has three lines", "of equal width."]);
    let right = lines(10, 320, 700, &["And the right", "has two of it."]);
    let document = read("a.pdf", pdf(&[&format!("{left}{right}")], "", &[]));
    assert_eq!(
        document.text,
        "The left column has three lines of equal width.\n\nAnd the right has two of it."
    );
}

#[test]
fn words_are_parted_by_their_distance() {
    let kerned = "BT /F1 10 Tf 72 700 Td [(W) 80 (ord) -300 (next) -20 (door)] TJ ET";
    let placed =
        "BT /F1 10 Tf 1 0 0 1 72 600 Tm (one) Tj 1 0 0 1 110 600 Tm (two) Tj 6 0 0 6 128 604 Tm (2) Tj ET";
    let twice = "BT /F1 10 Tf 1 0 0 1 72 500 Tm (Bold) Tj 1 0 0 1 72.3 500 Tm (Bold) Tj ET";
    let document = read("a.pdf", pdf(&[&[kerned, placed].join("\n"), twice], "", &[]));
    assert!(document.text.starts_with("Word nextdoor\n\none two"), "{}", document.text);
}

#[test]
fn what_every_page_repeats_is_left_out() {
    let pages: Vec<String> = (1..=6)
        .map(|page| {
            [
                lines(9, 72, 760, &[&format!("Chapter 1: Pumps {page}")]),
                lines(11, 72, 700, &[&format!("Text of the page with word{page}.")]),
                lines(9, 300, 40, &[&format!("- {page} -")]),
            ]
            .concat()
        })
        .collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let document = read("a.pdf", pdf(&pages, "", &[]));
    assert!(!document.text.contains("Chapter") && !document.text.contains("- 3 -"), "{}", document.text);
    assert!(document.text.contains("word6"));
}

/// As browsers print: head and number of a page are shown before its text, and few pages are enough.
#[test]
fn furniture_is_known_by_its_place_and_on_few_pages() {
    for count in [2, 3] {
        let pages: Vec<String> = (1..=count)
            .map(|page| {
                [
                    lines(9, 72, 760, &["Waterworks"]),
                    lines(9, 300, 40, &[&format!("{page}")]),
                    lines(20, 72, 720, &[&format!("Step {page}")]),
                    lines(11, 72, 690, &[&format!("Text of the page with word{page}.")]),
                ]
                .concat()
            })
            .collect();
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        let document = read("a.pdf", pdf(&pages, "", &[]));
        assert_eq!(document.text.contains("Waterworks"), count == 2, "{}", document.text);
        for page in 1..=count {
            assert!(!document.text.contains(&format!("\n{page}\n")), "{}", document.text);
            assert!(document.text.contains(&format!("Step {page}\n")), "{}", document.text);
        }
    }
}

/// Sums and rows of tables have the same words on every page, too.
#[test]
fn numbers_that_count_no_pages_are_content() {
    let page = |sum: &str| format!("{}{}", lines(11, 72, 700, &["An offer."]), lines(11, 72, 40, &[sum]));
    let document = read("a.pdf", pdf(&[&page("EUR 120"), &page("EUR 85")], "", &[]));
    assert!(document.text.contains("EUR 120") && document.text.contains("EUR 85"), "{}", document.text);

    let rows = |page: u32| -> String {
        let row = |row: u32| lines(9, 72, 760 - 14 * row, &[&format!("{} {}", 40 * page + row, row * 7)]);
        (0..40).map(row).collect()
    };
    let pages: Vec<String> = (0..4).map(rows).collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let document = read("a.pdf", pdf(&pages, "", &[]));
    for row in ["0 0", "1 7", "39 273", "159 273"] {
        assert!(document.text.contains(row), "{row}: {}", document.text);
    }
}

#[test]
fn items_of_a_list_begin_a_line() {
    let list = ["1. Open the valve of the line.", "2. Close it again and wait until", "it rests.", "10. Go."];
    let document = read("a.pdf", pdf(&[&lines(11, 72, 700, &list)], "", &[]));
    assert_eq!(
        document.text,
        "1. Open the valve of the line.\n2. Close it again and wait until it rests.\n10. Go."
    );
}

#[test]
fn forms_are_read_and_pagination_is_not() {
    let form = make::stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Matrix[1 0 0 1 0 100]",
        b"BT /F1 11 Tf 72 500 Td (In a form.) Tj ET",
    );
    let content = format!(
        "{}/X1 Do /Artifact <</Type/Pagination>> BDC {} EMC",
        lines(11, 72, 700, &["Outside."]),
        lines(9, 72, 40, &["Page 7"])
    );
    let document = read("a.pdf", pdf(&[&content], "/XObject<</X1 6 0 R>>", &[form]));
    assert_eq!(document.text, "Outside.\n\nIn a form.");
    assert_eq!(document.blocks[1].region.unwrap().top, 792 - 600 - 9);
}

#[test]
fn pages_without_text_are_reported() {
    let text = lines(11, 72, 700, &["Text."]);
    let document = read("a.pdf", pdf(&["q 100 0 0 100 0 0 cm /Im1 Do Q", &text, ""], "", &[]));
    assert_eq!(document.pages_without_text(), [1, 3]);
    let scan = read("scan.pdf", pdf(&["q 612 0 0 792 0 0 cm /Im1 Do Q"], "", &[]));
    assert!(scan.is_empty());
    assert_eq!(scan.pages_without_text(), [1]);
}

#[test]
fn rotated_pages_and_lines_are_read() {
    let content =
        format!("{}BT /F1 11 Tf 0 1 -1 0 40 100 Tm (Upwards) Tj ET", lines(11, 72, 700, &["Level."]));
    let document = read("a.pdf", pdf(&[&content], "", &[]));
    assert_eq!(document.text, "Level.\n\nUpwards");
    assert_eq!(document.blocks[1].region, None);
}

//! What must hold of the readers of files whatever bytes they read: text within the limits and chunks of all of it, or an
//! error with words for who uploaded it. None may take long.
//!
//! The fuzzer calls this with bytes it makes, the readers' own tests with those that lie in `tests/fuzz/extract`.

use std::io::{Cursor, Write as _};
use std::time::Duration;

use lisa_extract::{
    Characters, Chunking, Document, Estimate, ExtractError, Format, Kind, Limits, Measure, Strategy, Unit,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Small enough to reach them.
const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    expanded: 4 << 20,
    text: 256 << 10,
    blocks: 10_000,
    pages: 100,
    objects: 20_000,
    depth: 64,
    time: Duration::from_secs(1),
};

/// Names, of which the first byte chooses one. The parts of Office's archives are packed here, since no fuzzer guesses
/// checksums.
const NAMES: [&str; 17] = [
    "a.txt",
    "a.md",
    "a.html",
    "a.csv",
    "a.tsv",
    "a.json",
    "a.jsonl",
    "a.yaml",
    "a.xml",
    "a.rtf",
    "a.css",
    "a.pdf",
    "a.docx",
    "a.pptx",
    "a.xlsx",
    "strings.xlsx",
    "raw.docx",
];

/// A file of any format, then cut. The first byte chooses the format, the second how it is cut.
pub fn extract(bytes: &[u8]) {
    let [name, cut, rest @ ..] = bytes else { return };
    let name = NAMES[usize::from(*name) % NAMES.len()];
    let file = match name {
        "a.docx" => archive(&[("word/document.xml", rest)]),
        "a.pptx" => pptx(rest),
        "a.xlsx" => xlsx(rest, b"<sst/>"),
        "strings.xlsx" => {
            xlsx(b"<worksheet><sheetData><row><c t='s'><v>0</v></c></row></sheetData></worksheet>", rest)
        }
        _ => rest.to_vec(),
    };
    match lisa_extract::extract(name, &file, LIMITS) {
        Ok(document) => {
            assert!(
                document.text.len() as u64 <= LIMITS.text,
                "{name}: {} bytes of text",
                document.text.len()
            );
            chunks(&document, *cut);
        }
        Err(error) => {
            // Others' readers of sheets and of PDF may panic, which is contained; no reader of our own does.
            let others = matches!(error, ExtractError::Crashed { format: Format::Xlsx | Format::Pdf });
            assert!(others || !matches!(error, ExtractError::Crashed { .. }), "{name}: {error}");
            assert!(!error.to_string().is_empty());
        }
    }
}

/// Every chunk is of the document's text, none is larger than was asked for, and between them nothing is lost but blanks and
/// headers of tables, which stand in each piece of them.
fn chunks(document: &Document, cut: u8) {
    let strategy = [Strategy::Structure, Strategy::Fixed, Strategy::None][usize::from(cut % 3)];
    let (unit, measure): (_, &dyn Measure) =
        if cut & 64 == 0 { (Unit::Characters, &Characters) } else { (Unit::Tokens, &Estimate) };
    let size = 100 + usize::from(cut) * 4;
    let chunking = Chunking { strategy, size, overlap: usize::from(cut % 64), unit };
    let chunks = lisa_extract::cut(document, chunking, measure).expect("these sizes are allowed");
    let has_tables = document.blocks.iter().any(|block| block.kind == Kind::Table);
    let text: Vec<char> = document.text.chars().collect();
    let mut end = 0;
    for chunk in &chunks {
        assert!(!chunk.text.trim().is_empty() && chunk.offsets.end <= text.len());
        // What tokens are estimated to be, two texts together may be more.
        if strategy != Strategy::None && unit == Unit::Characters {
            assert!(
                measure.count(&chunk.text) <= size,
                "{} of {size}: {:?}",
                measure.count(&chunk.text),
                chunk.text
            );
        }
        let between = text.get(end..chunk.offsets.start.max(end)).unwrap_or_default();
        assert!(has_tables || between.iter().all(|char| char.is_whitespace()), "lost: {between:?}");
        end = chunk.offsets.end.max(end);
    }
    if has_tables {
        return;
    }
    assert!(text[end..].iter().all(|char| char.is_whitespace()), "lost at the end: {:?}", &text[end..]);
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("room in memory");
        zip.write_all(content).expect("room in memory");
    }
    zip.finish().expect("an archive").into_inner()
}

fn pptx(slide: &[u8]) -> Vec<u8> {
    archive(&[
        (
            "ppt/presentation.xml",
            b"<p:presentation xmlns:p='p' xmlns:r='r'><p:sldIdLst><p:sldId id='1' r:id='r1'/></p:sldIdLst></p:presentation>",
        ),
        (
            "ppt/_rels/presentation.xml.rels",
            b"<Relationships><Relationship Id='r1' Target='slides/slide1.xml'/></Relationships>",
        ),
        ("ppt/slides/slide1.xml", slide),
    ])
}

fn xlsx(sheet: &[u8], strings: &[u8]) -> Vec<u8> {
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>\
             <Relationship Id='rId1' Type='{OFFICE}/{kind}' Target='{target}'/></Relationships>"
        )
    };
    let workbook = format!(
        "<workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' xmlns:r='{OFFICE}'>\
         <sheets><sheet name='a' sheetId='1' r:id='rId1'/></sheets></workbook>"
    );
    archive(&[
        (
            "[Content_Types].xml",
            b"<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
        ),
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml").as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml").as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
    ])
}

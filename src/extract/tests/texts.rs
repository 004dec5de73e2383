//! The text formats.

use insta::assert_snapshot;

use super::{read, shown};
use crate::document::Notice;
use crate::error::ExtractError;
use crate::limits::Limits;

#[test]
fn markdown_keeps_headings_lists_tables_and_code() {
    let text = "# Guide\n\nIntro *text*\nover two lines.\n\n## Steps\n\n1. one\n2. two\n   - deep\n\n\
                | a | b |\n|---|---|\n| 1 | x\\|y |\n\n```sh\n  ls -l\n```\n\n### Deep\n\nEnd[^1].\n\n[^1]: A note.\n\n# Next\n\nMore.\n";
    let document = read("guide.md", text);
    assert_eq!(document.title.as_deref(), Some("Guide"));
    assert_snapshot!(shown(&document), @r"
    Heading [Guide] Guide
    Paragraph [Guide] Intro text over two lines.
    Heading [Guide > Steps] Steps
    List [Guide > Steps] 1. one
    2. two
      - deep
    Table [Guide > Steps] | a | b |
    | --- | --- |
    | 1 | x\|y |
    Code [Guide > Steps]   ls -l
    Heading [Guide > Steps > Deep] Deep
    Paragraph [Guide > Steps > Deep] End[^1].
    Paragraph [Guide > Steps > Deep] [^1]: A note.
    Heading [Next] Next
    Paragraph [Next] More.
    ");
}

#[test]
fn html_keeps_what_people_read() {
    let text = "<!doctype html><html><head><title> A  page </title><style>p { }</style></head><body>\
                <nav><a>Menu</a></nav><h1>Top</h1><p>One &amp; <b>two</b>&nbsp;three<br>four</p><ul><li>a<li>b<ol><li>c</ol></ul>\
                <table><tr><th>k<th>v<tr><td>x<td>1<tr><td><table><tr><td>in<td>ner</table><td>2</table>\
                <h2>Code</h2><pre>if x:\n    y</pre><script>alert('<p>no</p>')</script><p>Not closed";
    let document = read("page.html", text);
    assert_eq!(document.title.as_deref(), Some("A page"));
    assert_snapshot!(shown(&document), @r"
    Heading [Top] Top
    Paragraph [Top] One & two three
    four
    List [Top] - a
    - b
      1. c
    Table [Top] | k | v |
    | --- | --- |
    | x | 1 |
    | in ner | 2 |
    Heading [Top > Code] Code
    Code [Top > Code] if x:
        y
    Paragraph [Top > Code] Not closed
    ");
}

#[test]
fn rtf_keeps_text_tables_and_characters() {
    let text = r"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}{\*\generator x;}\pard\outlinelevel0 Title\par
\pard Gr\u252?\u223?e \'cf\'f0\'e8\'e2\'e5\'f2 \uc2\u-10179??\u-8704?? {\b bold}\par\trowd\cellx1\cellx2\pard\intbl k\cell v\cell\row\pard\intbl 1\cell 2\cell\row
\pard {\v hidden}{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}\par}";
    assert_snapshot!(shown(&read("a.rtf", text)), @r"
    Heading [Title] Title
    Paragraph [Title] Grüße Привет 😀 bold
    Table [Title] | k | v |
    | --- | --- |
    | 1 | 2 |
    Paragraph [Title] link
    ");
}

#[test]
fn tables_data_and_markup() {
    assert_snapshot!(shown(&read("a.csv", "name;n\n\"A; B\";1\nC;2\n")), @r"
    Table [] | name | n |
    | --- | --- |
    | A; B | 1 |
    | C | 2 |
    ");
    let json = r#"{"service": "billing", "limits": {"cpu": 2}, "rows": [1, 2]}"#;
    assert_snapshot!(shown(&read("a.json", json)), @r#"
    Code [limits] limits: {
      "cpu": 2
    }
    Code [rows] rows: [
      1,
      2
    ]
    Paragraph [service] service: billing
    "#);
    assert_snapshot!(shown(&read("a.jsonl", "{\"a\": 1, \"b\": null}\n{\"a\": 2, \"b\": \"x\"}\n")), @r"
    Table [] | a | b |
    | --- | --- |
    | 1 |  |
    | 2 | x |
    ");
    assert_snapshot!(shown(&read("a.yaml", "a: 1\nb:\n  - x\n  - y\n---\nc: 2\n")), @r"
    Code [] a: 1
    Code [] b:
      - x
      - y
    Code [] ---
    Code [] c: 2
    ");
    let xml =
        "<?xml version='1.0'?><r xmlns='u'><item id='7' n='a&lt;b'>Te<!-- -->xt &amp; &#8364;</item><e/></r>";
    assert_snapshot!(shown(&read("a.xml", xml)), @r"
    Paragraph [] item (id: 7, n: a<b)
    Paragraph [] item: Text & €
    ");
}

#[test]
fn the_encoding_is_found() {
    let russian = "Привет, мир! Это длинный текст на русском языке.";
    let (windows, _, _) = encoding_rs::WINDOWS_1251.encode(russian);
    assert_eq!(read("a.txt", &windows).text, russian);
    let (shift_jis, _, _) =
        encoding_rs::SHIFT_JIS.encode("これは日本語の文章です。漢字とかなが混ざっています。");
    assert!(read("a.log", &shift_jis).text.starts_with("これは日本語"));
    let utf16: Vec<u8> = "plain words".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read("a.txt", &utf16).text, "plain words");
    assert_eq!(read("a.txt", b"\xef\xbb\xbfmarked").text, "marked");
    let page = b"<meta charset=\"iso-8859-2\"><p>\xb3\xf3d\xbc</p>";
    assert_eq!(read("a.html", page).text, "łódź");
    let damaged = read("a.txt", b"\xff\xfea\x00\x00\xd8b\x00");
    assert!(
        matches!(&damaged.notices[..], [Notice::ReplacedCharacters { encoding }] if encoding == "UTF-16LE")
    );
}

#[test]
fn what_cannot_be_read_says_why() {
    let error = |name: &str, bytes: &[u8]| crate::extract(name, bytes, Limits::default()).unwrap_err();
    assert!(
        error("a.exe", b"MZ")
            .to_string()
            .starts_with("`a.exe` is of no type that can be read; readable are pdf")
    );
    assert!(matches!(error("a.json", b"{\"a\": "), ExtractError::Broken { .. }));
    assert!(matches!(error("a.xml", b"<a><b></a>"), ExtractError::Broken { .. }));
    assert!(matches!(error("a.rtf", b"{\\rtf1 {"), ExtractError::Broken { .. }));
    let small = Limits { text: 10, ..Limits::default() };
    let error = crate::extract("a.txt", b"more than ten bytes", small).unwrap_err();
    assert_eq!(error.kind(), "FileTooLarge");
    assert_eq!(
        error.to_string(),
        "the file has more than 10 bytes of text, which is the most that is read; split it"
    );
}

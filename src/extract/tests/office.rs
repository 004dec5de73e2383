//! Office documents.

use insta::assert_snapshot;

use super::{make, read, shown};

#[test]
fn docx_keeps_headings_lists_tables_notes_and_boxes() {
    let styles = "<w:styles xmlns:w='w'><w:style w:styleId='H1'><w:name w:val='heading 1'/></w:style>\
        <w:style w:styleId='Mine'><w:basedOn w:val='H1'/><w:name w:val='Mine'/></w:style></w:styles>";
    let notes = "<w:footnotes xmlns:w='w'><w:footnote w:type='separator' w:id='0'><w:p><w:r><w:t>x</w:t></w:r></w:p></w:footnote>\
        <w:footnote w:id='2'><w:p><w:r><w:t>The note.</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let core = "<cp:coreProperties xmlns:cp='c' xmlns:dc='d'><dc:title>Plan &amp; costs</dc:title></cp:coreProperties>";
    let p = |text: &str| format!("<w:p><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>");
    let cell = |inner: &str| format!("<w:tc>{inner}</w:tc>");
    let nested = format!("<w:tbl><w:tr>{}{}</w:tr></w:tbl>", cell(&p("in")), cell(&p("ner")));
    let body = format!(
        "<w:p><w:pPr><w:pStyle w:val='Mine'/></w:pPr><w:r><w:t>Scope</w:t></w:r></w:p>\
         <w:p><w:r><w:t>Seen </w:t></w:r><w:ins><w:r><w:t>and added</w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del>\
         <w:r><w:footnoteReference w:id='2'/></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:tab/><w:t>end</w:t></w:r></w:p>\
         <w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>one</w:t></w:r></w:p>\
         <w:p><w:pPr><w:numPr><w:ilvl w:val='1'/><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>two</w:t></w:r></w:p>\
         <w:tbl><w:tr>{}{}</w:tr><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>{}</w:tc></w:tr><w:tr>{}{}</w:tr></w:tbl>\
         <w:p><w:r><mc:AlternateContent xmlns:mc='m'><mc:Choice><w:txbxContent>{}</w:txbxContent></mc:Choice><mc:Fallback>{}</mc:Fallback>\
         </mc:AlternateContent></w:r></w:p>",
        cell(&p("k")),
        cell(&p("v")),
        p("wide"),
        cell(&p("a")),
        cell(&nested),
        p("In a box."),
        p("In a box."),
    );
    let more = [("word/styles.xml", styles), ("word/footnotes.xml", notes), ("docProps/core.xml", core)];
    let document = read("plan.docx", make::docx(&body, &more));
    assert_eq!(document.title.as_deref(), Some("Plan & costs"));
    assert_snapshot!(shown(&document), @r"
    Heading [Scope] Scope
    Paragraph [Scope] Seen and added[2]	end
    Paragraph [Scope] [2] The note.
    List [Scope] - one
      - two
    Table [Scope] | k | v |
    | --- | --- |
    | wide |  |
    | a | in ner |
    Paragraph [Scope] In a box.
    ");
}

#[test]
fn pptx_has_a_page_for_each_slide() {
    let shape = |kind: &str, text: &str| {
        let lines = text.split('|').map(|line| format!("<a:p><a:r><a:t>{line}</a:t></a:r></a:p>"));
        let lines = lines.collect::<Vec<_>>().concat();
        format!(
            "<p:sp><p:nvSpPr><p:nvPr><p:ph type='{kind}'/></p:nvPr></p:nvSpPr><p:txBody>{lines}</p:txBody></p:sp>"
        )
    };
    let table = "<a:tbl><a:tr><a:tc><a:p><a:r><a:t>k</a:t></a:r></a:p></a:tc><a:tc><a:p><a:r><a:t>v</a:t></a:r></a:p></a:tc></a:tr>\
        <a:tr><a:tc><a:p><a:r><a:t>a</a:t></a:r></a:p></a:tc><a:tc><a:p><a:r><a:t>1</a:t></a:r></a:p></a:tc></a:tr></a:tbl>";
    let one = [shape("body", "First|Second"), shape("title", "Goals"), shape("sldNum", "1")].concat();
    let document = read("show.pptx", make::pptx(&[&one, &format!("{}{table}", shape("ctrTitle", "Costs"))]));
    assert_eq!(document.pages, Some(2));
    assert_eq!(document.blocks.last().unwrap().page, Some(2));
    assert_snapshot!(shown(&document), @r"
    Heading [Goals] Goals
    List [Goals] First
    Second
    Heading [Costs] Costs
    Table [Costs] | k | v |
    | --- | --- |
    | a | 1 |
    ");
}

#[test]
fn xlsx_has_a_table_for_each_stretch_of_rows() {
    let rows = "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='C1' t='inlineStr'><is><t>cost</t></is></c></row>\
        <row r='2'><c r='A2' t='s'><v>1</v></c><c r='C2'><v>12.5</v></c></row>\
        <row r='5'><c r='B5' t='b'><v>1</v></c></row>";
    let document = read("costs.xlsx", make::xlsx(rows, "<si><t>name</t></si><si><r><t>disk</t></r></si>"));
    assert_snapshot!(shown(&document), @r"
    Heading [Costs] Costs
    Table [Costs] | name | cost |
    | --- | --- |
    | disk | 12.5 |
    Paragraph [Costs] true
    ");
}

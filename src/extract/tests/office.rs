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

/// Words of which each is there once, counted so that their order can be seen.
struct Unique(Vec<String>);

impl Unique {
    /// The next words.
    fn words(&mut self, count: usize) -> String {
        let first = self.0.len();
        self.0.extend((first..first + count).map(|number| format!("word{number}")));
        self.0[first..].join(" ")
    }

    /// A paragraph of the next words with such properties.
    fn paragraph(&mut self, properties: &str) -> String {
        format!("<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{}</w:t></w:r></w:p>", self.words(4))
    }

    fn cell(&mut self, properties: &str) -> String {
        format!("<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>", self.paragraph(""))
    }

    /// A table with a cell over two columns, one over two rows, and a table in a cell.
    fn table(&mut self) -> String {
        let wide = self.cell("<w:gridSpan w:val='2'/>");
        let tall = [self.cell("<w:vMerge w:val='restart'/>"), self.cell("")].concat();
        let below = format!("<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>{}", self.cell(""));
        let before = self.paragraph("");
        let inner = format!("<w:tbl><w:tr>{}{}</w:tr></w:tbl>", self.cell(""), self.cell(""));
        let nested = format!("<w:tc>{before}{inner}{}</w:tc>{}", self.paragraph(""), self.cell(""));
        let rows = [wide, tall, below, nested].map(|cells| format!("<w:tr>{cells}</w:tr>")).concat();
        format!("<w:tbl>{rows}</w:tbl>")
    }

    /// A paragraph with something inserted, deleted, moved, linked, in a field and in a control.
    fn tracked(&mut self) -> String {
        let run = |words: String| format!("<w:r><w:t xml:space='preserve'>{words} </w:t></w:r>");
        let parts = [
            run(self.words(2)),
            format!("<w:ins>{}</w:ins>", run(self.words(2))),
            "<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>".to_owned(),
            "<w:moveFrom><w:r><w:t>deleted</w:t></w:r></w:moveFrom>".to_owned(),
            format!("<w:moveTo>{}</w:moveTo>", run(self.words(2))),
            format!("<w:hyperlink>{}</w:hyperlink>", run(self.words(1))),
            format!(
                "<w:r><w:instrText>DELETED</w:instrText></w:r><w:fldSimple>{}</w:fldSimple>",
                run(self.words(1))
            ),
            format!("<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>", run(self.words(2))),
        ];
        format!("<w:p>{}</w:p>", parts.concat())
    }

    /// A paragraph with a note, whose text follows it.
    fn noted(&mut self, kind: &str) -> (String, String) {
        let paragraph = format!(
            "<w:p><w:r><w:t>{}</w:t></w:r><w:r><w:{kind}Reference w:id='2'/></w:r></w:p>",
            self.words(3)
        );
        let note = format!("<w:{kind} w:id='2'>{}</w:{kind}>", self.paragraph(""));
        (paragraph, format!("<w:notes xmlns:w='w'>{note}</w:notes>"))
    }

    /// A box with text, as newer and as older versions draw it.
    fn boxed(&mut self) -> String {
        let text = self.paragraph("");
        let old = "<w:pict><w:txbxContent><w:p><w:r><w:t>deleted</w:t></w:r></w:p></w:txbxContent></w:pict>";
        format!(
            "<w:p><w:r><mc:AlternateContent xmlns:mc='m'><mc:Choice><w:txbxContent>{text}</w:txbxContent></mc:Choice>\
             <mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
        )
    }
}

/// Every word once and in order, wherever a document may have words.
#[test]
fn docx_loses_no_word_and_no_order() {
    let styles =
        "<w:styles xmlns:w='w'><w:style w:styleId='H2'><w:name w:val='heading 2'/></w:style></w:styles>";
    let mut unique = Unique(Vec::new());
    let mut body = String::new();
    let mut notes = Vec::new();
    let item = "<w:numPr><w:ilvl w:val='1'/><w:numId w:val='1'/></w:numPr>";
    for section in 0..10 {
        body += &unique.paragraph("<w:pStyle w:val='H2'/>");
        body += &unique.paragraph("");
        body += &[unique.paragraph(item), unique.paragraph(item)].concat();
        body += &unique.table();
        body += &unique.tracked();
        if section < 2 {
            let kind = ["footnote", "endnote"][section];
            let (paragraph, note) = unique.noted(kind);
            body += &paragraph;
            notes.push((format!("word/{kind}s.xml"), note));
        }
        body += &unique.boxed();
    }
    // Two kinds of page have the same footer.
    let header = format!("<w:hdr xmlns:w='w'>{}{}</w:hdr>", unique.paragraph(""), unique.table());
    let footer = format!("<w:ftr xmlns:w='w'>{}</w:ftr>", unique.paragraph(""));
    notes.extend([("word/header1.xml".to_owned(), header), ("word/footer1.xml".to_owned(), footer.clone())]);
    notes.push(("word/footer2.xml".to_owned(), footer));
    let mut parts = vec![("word/styles.xml", styles)];
    parts.extend(notes.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let document = read("plan.docx", make::docx(&body, &parts));
    let words = document.text.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| word.starts_with("word")).collect();
    assert!(unique.0.len() > 500, "{}", unique.0.len());
    assert_eq!(words, unique.0);
    assert!(!document.text.to_lowercase().contains("deleted"));
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

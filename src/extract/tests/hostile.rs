//! Files made to break their readers: each ends in a document or in an error that says why, within limits of time and
//! memory.

use std::time::{Duration, Instant};

use super::make::{archive, deflated, docx, pdf, pdf_of, pptx, stream, xlsx};
use crate::limits::Limits;

/// Small, so that a file which reaches them is small, too.
const LIMITS: Limits = Limits {
    bytes: 8 << 20,
    expanded: 8 << 20,
    text: 2 << 20,
    blocks: 20_000,
    pages: 2_000,
    objects: 100_000,
    depth: 64,
    time: Duration::from_secs(3),
};

/// What a file has to end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// An error of this kind.
    Error(&'static str),
    /// A document, however damaged the file is.
    Read,
    /// One or the other.
    Either,
}

type Case = (&'static str, &'static str, Vec<u8>, End);

const LARGE: End = End::Error("FileTooLarge");
const BROKEN: End = End::Error("BrokenFile");
const ENCRYPTED: End = End::Error("EncryptedFile");

fn zeros(megabytes: usize) -> Vec<u8> {
    vec![b' '; megabytes << 20]
}

fn archives() -> Vec<Case> {
    let bomb = |name: &'static str| {
        let body =
            [b"<w:document xmlns:w='w'><w:body>".as_slice(), &zeros(12), b"</w:body></w:document>"].concat();
        archive(&[(name, &body)])
    };
    let many: Vec<(String, Vec<u8>)> =
        (0..21_000).map(|number| (format!("part{number}"), Vec::new())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, part)| (name.as_str(), part.as_slice())).collect();
    let deep = |levels: usize| "<w:p>".repeat(levels) + &"</w:p>".repeat(levels);
    let entities = "<!DOCTYPE d [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;'>]>\
        <w:document xmlns:w='w'><w:body><w:p><w:r><w:t>&c;&c;&c;</w:t></w:r></w:p></w:body></w:document>";
    let outside = "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><w:document xmlns:w='w'><w:body><w:p><w:r><w:t>&x;</w:t>\
        </w:r></w:p></w:body></w:document>";
    let whole = docx("<w:p><w:r><w:t>text</w:t></w:r></w:p>", &[]);
    let compound = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 512], &name].concat()
    };
    let loops = "<w:styles xmlns:w='w'><w:style w:styleId='a'><w:basedOn w:val='b'/></w:style><w:style w:styleId='b'><w:basedOn w:val='a'/>\
        </w:style></w:styles>";
    let tables = "<w:tbl><w:tr><w:tc>".repeat(15)
        + "<w:p><w:r><w:t>x</w:t></w:r></w:p>"
        + &"</w:tc></w:tr></w:tbl>".repeat(15);
    vec![
        ("a bomb of white space", "a.docx", bomb("word/document.xml"), LARGE),
        ("a bomb in a part of no meaning", "a.xlsx", bomb("xl/media/image1.png"), LARGE),
        ("more entries than any document has", "a.docx", archive(&many), LARGE),
        ("elements within each other", "a.docx", docx(&deep(5_000), &[]), LARGE),
        ("elements within each other that do not end", "a.docx", docx(&"<w:p>".repeat(5_000), &[]), LARGE),
        ("entities of entities", "a.docx", archive(&[("word/document.xml", entities.as_bytes())]), End::Read),
        ("an entity of a file", "a.docx", archive(&[("word/document.xml", outside.as_bytes())]), End::Read),
        ("an archive that ends in the middle", "a.docx", whole[..whole.len() / 2].to_vec(), BROKEN),
        ("an archive that begins in the middle", "a.docx", whole[whole.len() / 2..].to_vec(), BROKEN),
        ("an empty archive", "a.docx", archive(&[]), BROKEN),
        ("another format's archive", "a.docx", xlsx("", ""), BROKEN),
        ("no archive", "a.pptx", b"just text".to_vec(), BROKEN),
        ("a document with a password", "a.docx", compound("EncryptedPackage"), ENCRYPTED),
        ("a sheet with a password", "a.xlsx", compound("EncryptedPackage"), ENCRYPTED),
        ("a document of the older format", "a.docx", compound("WordDocument"), BROKEN),
        ("styles that are based on each other", "a.docx", docx("<w:p><w:pPr><w:pStyle w:val='a'/></w:pPr></w:p>", &[("word/styles.xml", loops)]), End::Read),
        ("tables within each other", "a.docx", docx(&tables, &[]), End::Read),
        ("a cell that spans a billion columns", "a.docx", docx("<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='1000000000'/></w:tcPr><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr></w:tbl>", &[]), End::Read),
        ("a broken tag", "a.docx", docx("<w:p", &[]), BROKEN),
        ("an end without a beginning", "a.docx", docx("</w:p>", &[]), BROKEN),
        ("a slide that is itself", "a.pptx", pptx(&["<p:sp/>"]), End::Read),
        ("a show whose slides are missing", "a.pptx", archive(&[
            ("ppt/presentation.xml", b"<p:presentation xmlns:p='p' xmlns:r='r'><p:sldIdLst><p:sldId r:id='x'/></p:sldIdLst></p:presentation>"),
            ("ppt/_rels/presentation.xml.rels", b"<Relationships><Relationship Id='x' Target='../../../../etc/passwd'/></Relationships>"),
        ]), End::Read),
        ("a cell in the last row and column", "a.xlsx", xlsx("<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>2</v></c></row>", ""), End::Read),
        ("a cell beyond the last column", "a.xlsx", xlsx("<row r='1'><c r='ZZZZZZZ1'><v>1</v></c></row>", ""), End::Either),
        ("a text that is not there", "a.xlsx", xlsx("<row r='1'><c r='A1' t='s'><v>99999</v></c></row>", ""), End::Either),
        ("more columns than a table", "a.xlsx", xlsx(&format!("<row r='1'>{}</row>", (0..2_000).map(|_| "<c><v>1</v></c>").collect::<String>()), ""), LARGE),
        ("shared texts that do not end", "a.xlsx", xlsx("", "<si><t>x"), End::Either),
    ]
}

#[expect(clippy::too_many_lines, reason = "a list, which says more in one piece")]
fn texts() -> Vec<Case> {
    let nested = |open: &str, close: &str| (open.repeat(50_000) + &close.repeat(50_000)).into_bytes();
    let entities = "<!DOCTYPE a [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><a>&b;&b;&b;</a>";
    let groups = "{".repeat(100_000);
    vec![
        ("arrays within each other", "a.json", nested("[", "]"), BROKEN),
        ("objects within each other", "a.json", nested("{\"a\":", "}"), BROKEN),
        (
            "a number of a million digits",
            "a.json",
            format!("[{}]", "9".repeat(1_000_000)).into_bytes(),
            End::Either,
        ),
        ("half a surrogate", "a.json", br#"["\ud800"]"#.to_vec(), BROKEN),
        ("elements within each other", "a.xml", nested("<a>", "</a>"), LARGE),
        ("entities of entities", "a.xml", entities.into(), End::Read),
        (
            "an entity of a file",
            "a.xml",
            b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>".to_vec(),
            End::Read,
        ),
        (
            "a hundred thousand attributes",
            "a.xml",
            format!("<a {}/>", (0..100_000).map(|n| format!("a{n}='' ")).collect::<Vec<_>>().concat())
                .into_bytes(),
            End::Either,
        ),
        ("an attribute twice", "a.xml", b"<a b='1' b='2'/>".to_vec(), BROKEN),
        ("elements within each other", "a.html", nested("<div>", ""), End::Read),
        ("tables within each other", "a.html", nested("<table><tr><td>", "</td></tr></table>"), End::Read),
        ("lists within each other", "a.html", nested("<ul><li>x", ""), End::Either),
        (
            "a script that does not end",
            "a.html",
            [b"<p>a</p><script>".as_slice(), &vec![b'<'; 1 << 20]].concat(),
            End::Read,
        ),
        (
            "a hundred thousand attributes",
            "a.html",
            format!("<p {}>x", (0..100_000).map(|n| format!("a{n} ")).collect::<Vec<_>>().concat())
                .into_bytes(),
            End::Read,
        ),
        ("quotes within each other", "a.md", ">".repeat(100_000).into_bytes(), End::Either),
        (
            "lists within each other",
            "a.md",
            (0..2_000).map(|n| " ".repeat(n) + "- x\n").collect::<Vec<_>>().concat().into_bytes(),
            End::Either,
        ),
        ("brackets without an end", "a.md", "[".repeat(200_000).into_bytes(), End::Either),
        ("emphasis without an end", "a.md", "*a_".repeat(60_000).into_bytes(), End::Either),
        ("groups within each other", "a.rtf", format!("{{\\rtf1 {groups}").into_bytes(), LARGE),
        ("a picture longer than the file", "a.rtf", b"{\\rtf1 {\\pict\\bin2147483647 x}}".to_vec(), BROKEN),
        ("a negative length", "a.rtf", b"{\\rtf1 \\bin-5 text\\uc-1\\u-1 }".to_vec(), End::Read),
        (
            "aliases of aliases",
            "a.yaml",
            b"a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n".to_vec(),
            End::Read,
        ),
        ("a row of a million columns", "a.csv", vec![b','; 1_000_000], End::Either),
        (
            "a quote that does not end",
            "a.csv",
            [b"\"".as_slice(), &vec![b'\n'; 500_000]].concat(),
            End::Either,
        ),
        ("more blocks than a document has", "a.txt", "a\n\n".repeat(30_000).into_bytes(), LARGE),
        ("more text than a document has", "a.log", vec![b'a'; 3 << 20], LARGE),
        ("more bytes than a file has", "a.txt", vec![b'a'; 9 << 20], LARGE),
        ("bytes of no encoding", "a.txt", (0..=255).cycle().take(100_000).collect(), End::Read),
    ]
}

#[expect(clippy::too_many_lines, reason = "a list, which says more in one piece")]
fn pdfs() -> Vec<Case> {
    let catalog = b"<</Type/Catalog/Pages 2 0 R>>".to_vec();
    let whole = pdf(&["BT /F1 11 Tf 72 700 Td (Text) Tj ET"], "", &[]);
    let bomb = |megabytes: usize| stream("/Filter/FlateDecode", &deflated(&zeros(megabytes)));
    let page = |contents: &str| {
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents {contents}>>").into_bytes()
    };
    let pages = b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec();
    let double = stream("/Filter[/FlateDecode/FlateDecode]", &deflated(&deflated(&zeros(12))));
    let with = |contents: Vec<u8>| pdf_of(&[catalog.clone(), pages.clone(), page("4 0 R"), contents], "");
    let itself = stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X1 6 0 R>>>>",
        b"/X1 Do /X1 Do",
    );
    let forms: Vec<Vec<u8>> = (0..14)
        .map(|depth| {
            let next = 7 + depth;
            stream(
                &format!("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X1 {next} 0 R>>>>"),
                &b"/X1 Do ".repeat(12),
            )
        })
        .collect();
    let first = [catalog.clone(), pages.clone(), page("4 0 R"), stream("", b"")];
    let objects: Vec<Vec<u8>> = first.into_iter().chain((0..150_000).map(|_| b"null".to_vec())).collect();
    let table = |text: &str| format!("%PDF-1.7\n{text}").into_bytes();
    let loop_of_tables =
        "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF";
    let encrypted = pdf_of(
        &[catalog.clone(), pages.clone(), page("4 0 R"), stream("", b"")],
        "/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(01234567890123456789012345678901)/U(01234567890123456789012345678901)>>/ID[(a)(a)]",
    );
    vec![
        ("a bomb in a page", "a.pdf", with(bomb(12)), LARGE),
        ("a bomb in a bomb", "a.pdf", with(double), End::Either),
        (
            "a bomb of objects",
            "a.pdf",
            pdf_of(
                &[
                    catalog.clone(),
                    stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", &deflated(&zeros(12))),
                ],
                "",
            ),
            LARGE,
        ),
        (
            "a form that shows itself",
            "a.pdf",
            pdf(&["/X1 Do"], "/XObject<</X1 6 0 R>>", &[itself]),
            End::Either,
        ),
        (
            "forms that show each other twelve times",
            "a.pdf",
            pdf(&["/X1 Do"], "/XObject<</X1 6 0 R>>", &forms),
            End::Error("FileTooSlow"),
        ),
        (
            "pages that are their own parent",
            "a.pdf",
            pdf_of(&[catalog.clone(), b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>".to_vec()], ""),
            End::Either,
        ),
        (
            "a catalog that is itself",
            "a.pdf",
            pdf_of(&[b"<</Type/Catalog/Pages 1 0 R>>".to_vec()], ""),
            End::Either,
        ),
        ("a table that follows itself", "a.pdf", table(loop_of_tables), BROKEN),
        ("a table beyond the end", "a.pdf", table("startxref\n99999999999\n%%EOF"), BROKEN),
        ("more objects than a file has", "a.pdf", pdf_of(&objects, ""), LARGE),
        ("arrays within each other", "a.pdf", with(stream("", "[".repeat(200_000).as_bytes())), End::Either),
        (
            "dictionaries within each other",
            "a.pdf",
            pdf_of(&["<</A".repeat(100_000).into_bytes()], ""),
            End::Either,
        ),
        (
            "states that are saved for ever",
            "a.pdf",
            with(stream("", "q ".repeat(500_000).as_bytes())),
            End::Either,
        ),
        (
            "a length that is the stream itself",
            "a.pdf",
            pdf_of(
                &[
                    catalog.clone(),
                    pages.clone(),
                    page("4 0 R"),
                    b"<</Length 4 0 R>>\nstream\nBT ET\nendstream".to_vec(),
                ],
                "",
            ),
            End::Either,
        ),
        (
            "numbers beyond all bounds",
            "a.pdf",
            pdf(
                &[
                    "BT /F1 1e308 Tf 1e308 1e308 1e308 1e308 1e308 1e308 Tm (x) Tj -99999999999999999999 0 Td (y) Tj ET",
                ],
                "",
                &[],
            ),
            End::Either,
        ),
        ("no file but its head", "a.pdf", b"%PDF-1.7".to_vec(), BROKEN),
        ("half a file", "a.pdf", whole[..whole.len() / 2].to_vec(), End::Either),
        ("a file without its end", "a.pdf", whole[..whole.len() - 60].to_vec(), End::Read),
        ("a file that needs a password", "a.pdf", encrypted, ENCRYPTED),
        (
            "an encryption of no kind",
            "a.pdf",
            pdf_of(
                &[catalog, pages, page("4 0 R"), stream("", b"")],
                "/Encrypt<</Filter/None/V 99/R 99>>/ID[(a)(a)]",
            ),
            BROKEN,
        ),
    ]
}

fn check(cases: Vec<Case>, least: usize) {
    assert!(cases.len() >= least, "{} files of {least}", cases.len());
    for (what, name, bytes, end) in cases {
        let start = Instant::now();
        let read = crate::extract(name, &bytes, LIMITS);
        let found = match &read {
            Ok(_) => End::Read,
            Err(error) => End::Error(error.kind()),
        };
        assert!(end == End::Either || end == found, "{what} in {name}: {found:?}, {read:?}");
        // A debug build on a busy machine is many times slower than what is promised.
        assert!(start.elapsed() < Duration::from_mins(3), "{what} in {name} took {:?}", start.elapsed());
        if let Ok(document) = &read {
            assert!(!document.text.contains("root:"), "{what} in {name} has read what is not its own");
            assert!(document.text.len() as u64 <= LIMITS.text);
        }
    }
}

#[test]
fn archives_end() {
    check(archives(), 25);
}

#[test]
fn texts_end() {
    check(texts(), 25);
}

#[test]
fn pdfs_end() {
    check(pdfs(), 20);
}

//! Rich Text Format: the text of its body, tables and headings, without fonts, pictures and fields' instructions.
//!
//! By the Rich Text Format specification 1.9.1: control words, groups, `\'hh` in the code page of `\ansicpg`, `\uN`
//! with its `\ucN` replacements.

use encoding_rs::Encoding;

use crate::document::Kind;
use crate::error::ExtractError;
use crate::format::Format;
use crate::table::Table;
use crate::writer::Writer;

/// Groups whose content is no text of the body.
const SKIPPED: [&str; 24] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "themedata",
    "colorschememapping",
    "latentstyles",
    "datastore",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "xmlnstbl",
    "fldinst",
];

/// What a group inherits and forgets at its end.
#[derive(Clone, Copy)]
struct State {
    is_skipped: bool,
    /// How many replacement characters follow each `\u`.
    replacements: usize,
    is_hidden: bool,
}

/// Reads RTF.
pub(crate) fn read(bytes: &[u8], writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let mut reader = Reader {
        bytes,
        at: 0,
        encoding: encoding_rs::WINDOWS_1252,
        groups: vec![State { is_skipped: false, replacements: 1, is_hidden: false }],
        skip: 0,
        raw: Vec::new(),
        text: String::new(),
        level: None,
        in_table: false,
        row: Vec::new(),
        table: Table::default(),
        high: None,
    };
    while reader.at < bytes.len() {
        reader.step(writer)?;
    }
    if reader.groups.len() != 1 {
        return Err(ExtractError::broken(Format::Rtf, "a group does not end"));
    }
    reader.paragraph(writer)?;
    reader.end_table(writer)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    encoding: &'static Encoding,
    groups: Vec<State>,
    /// Characters that are the replacement of one that was read already.
    skip: usize,
    /// Bytes of the code page that are not decoded yet: a character may have two.
    raw: Vec<u8>,
    text: String,
    /// The outline level of the paragraph.
    level: Option<u8>,
    in_table: bool,
    row: Vec<String>,
    table: Table,
    /// The first half of a surrogate pair.
    high: Option<u16>,
}

impl Reader<'_> {
    fn step(&mut self, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        writer.budget.step()?;
        let Some(byte) = self.bytes.get(self.at).copied() else { return Ok(()) };
        self.at += 1;
        match byte {
            b'{' => {
                self.decode();
                let state = self.state();
                self.groups.push(state);
                writer.budget.depth(self.groups.len())
            }
            b'}' => {
                self.decode();
                if self.groups.len() == 1 {
                    return Err(ExtractError::broken(Format::Rtf, "a group ends that did not begin"));
                }
                self.groups.pop();
                Ok(())
            }
            b'\\' => self.control(writer),
            b'\r' | b'\n' => Ok(()),
            byte => {
                self.byte(byte);
                Ok(())
            }
        }
    }

    fn state(&self) -> State {
        self.groups.last().copied().unwrap_or(State { is_skipped: true, replacements: 1, is_hidden: false })
    }

    fn change(&mut self, change: impl FnOnce(&mut State)) {
        if let Some(state) = self.groups.last_mut() {
            change(state);
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.state().is_skipped && !self.state().is_hidden {
            self.raw.push(byte);
        }
    }

    fn push(&mut self, text: &str) {
        self.decode();
        let state = self.state();
        if !state.is_skipped && !state.is_hidden {
            self.text.push_str(text);
        }
    }

    fn decode(&mut self) {
        if !self.raw.is_empty() {
            let (text, _) = self.encoding.decode_without_bom_handling(&self.raw);
            self.text.push_str(&text);
            self.raw.clear();
        }
    }

    /// A control word with its number, or a control symbol. The backslash is read.
    fn control(&mut self, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        let rest = &self.bytes[self.at..];
        let letters = rest.iter().take(32).take_while(|byte| byte.is_ascii_alphabetic()).count();
        if letters == 0 {
            self.symbol(rest);
            return Ok(());
        }
        let word = String::from_utf8_lossy(&rest[..letters]).into_owned();
        let digits = rest[letters..]
            .iter()
            .take(11)
            .enumerate()
            .take_while(|(index, byte)| byte.is_ascii_digit() || (*index == 0 && **byte == b'-'))
            .count();
        let number = std::str::from_utf8(&rest[letters..letters + digits]).ok();
        let number = number.and_then(|number| number.parse::<i32>().ok());
        self.at += letters + digits;
        if self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        if word == "bin" {
            let length = usize::try_from(number.unwrap_or_default()).unwrap_or_default();
            self.at = self.at.saturating_add(length).min(self.bytes.len());
            return Ok(());
        }
        self.word(&word, number, writer)
    }

    fn symbol(&mut self, rest: &[u8]) {
        let Some(symbol) = rest.first() else { return };
        self.at += 1;
        match symbol {
            b'\'' => {
                let hex = rest.get(1..3).and_then(|hex| std::str::from_utf8(hex).ok());
                if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                    self.at += 2;
                    self.byte(byte);
                }
            }
            b'*' => self.change(|state| state.is_skipped = true),
            b'~' => self.push("\u{a0}"),
            b'_' => self.push("-"),
            b'\\' | b'{' | b'}' => self.byte(*symbol),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        match word {
            "u" => self.unicode(number.unwrap_or_default()),
            "uc" => {
                let count = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(16);
                self.change(|state| state.replacements = count);
            }
            "ansicpg" => {
                if let Some(encoding) = number.and_then(code_page) {
                    self.encoding = encoding;
                }
            }
            "v" => self.change(|state| state.is_hidden = number != Some(0)),
            "tab" => self.push("\t"),
            "line" => self.push("\n"),
            "emdash" => self.push("\u{2014}"),
            "endash" => self.push("\u{2013}"),
            "lquote" => self.push("\u{2018}"),
            "rquote" => self.push("\u{2019}"),
            "ldblquote" => self.push("\u{201c}"),
            "rdblquote" => self.push("\u{201d}"),
            "bullet" => self.push("\u{2022}"),
            "outlinelevel" => self.level = number.and_then(|level| u8::try_from(level.clamp(0, 8) + 1).ok()),
            "pard" => (self.level, self.in_table) = (None, false),
            "intbl" => self.in_table = true,
            "par" | "sect" | "page" if self.in_table => self.push("\n"),
            "par" | "sect" | "page" => self.paragraph(writer)?,
            "cell" => self.cell(),
            "row" => self.end_row(writer)?,
            word if SKIPPED.contains(&word) => self.change(|state| state.is_skipped = true),
            _ => {}
        }
        Ok(())
    }

    fn unicode(&mut self, number: i32) {
        // Numbers above 32767 are written as negative ones.
        let unit = u16::try_from(number & 0xffff).unwrap_or_default();
        let high = self.high.take();
        let decoded = match (high, unit) {
            (_, 0xd800..=0xdbff) => {
                self.high = Some(unit);
                None
            }
            (Some(high), 0xdc00..=0xdfff) => char::decode_utf16([high, unit]).next().and_then(Result::ok),
            (_, unit) => char::from_u32(u32::from(unit)),
        };
        if let Some(character) = decoded {
            self.push(character.encode_utf8(&mut [0; 4]));
        }
        self.skip = self.state().replacements;
    }

    fn paragraph(&mut self, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        self.decode();
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() {
            return Ok(());
        }
        self.end_table(writer)?;
        match self.level {
            Some(level) => writer.heading(level, &text),
            None => writer.block(Kind::Paragraph, &text),
        }
    }

    fn cell(&mut self) {
        self.decode();
        self.row.push(std::mem::take(&mut self.text));
    }

    fn end_row(&mut self, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        writer.budget.object()?;
        self.table.row(std::mem::take(&mut self.row));
        Ok(())
    }

    fn end_table(&mut self, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        std::mem::take(&mut self.table).write(writer)
    }
}

fn code_page(number: i32) -> Option<&'static Encoding> {
    let label = match number {
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        65001 => "utf-8".to_owned(),
        866 | 874 | 1250..=1258 => match number {
            866 => "ibm866".to_owned(),
            _ => format!("windows-{number}"),
        },
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

//! A font's codes as characters and their widths, each looked up once.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use hayro_font::hayro_cmap::{BfString, load_embedded};
use hayro_font::{
    CMapResolverFn, Font as Program, FontCache, FontGlyph, FontQuery, FontResolverFn, StandardFont,
    UNITS_PER_EM,
};
use hayro_syntax::object::{Dict, ObjectIdentifier};

/// The fonts of a file.
pub(super) struct Fonts<'a> {
    programs: FontCache<'a>,
    known: RefCell<HashMap<ObjectIdentifier, Option<Rc<Font<'a>>>>>,
    standard: OnceCell<Option<Rc<Font<'a>>>>,
    resolver: FontResolverFn,
    maps: CMapResolverFn,
}

impl Default for Fonts<'_> {
    fn default() -> Self {
        let resolver: FontResolverFn = Arc::new(|query| {
            Some(match query {
                FontQuery::Standard(font) => font.get_font_data(),
                FontQuery::Fallback(query) => query.pick_standard_font().get_font_data(),
            })
        });
        Self {
            programs: FontCache::new(),
            known: RefCell::default(),
            standard: OnceCell::new(),
            resolver,
            maps: Arc::new(load_embedded),
        }
    }
}

impl<'a> Fonts<'a> {
    /// The font that a dictionary describes, if that can be read.
    pub(super) fn find(&self, dictionary: &Dict<'a>) -> Option<Rc<Font<'a>>> {
        let load = || {
            let program = self.programs.font(dictionary, &self.resolver, &self.maps)?;
            Some(Rc::new(Font::new(program)))
        };
        let Some(id) = dictionary.obj_id() else { return load() };
        if let Some(known) = self.known.borrow().get(&id) {
            return known.clone();
        }
        let font = load();
        self.known.borrow_mut().insert(id, font.clone());
        font
    }

    /// The font of text that names none that is there.
    pub(super) fn standard(&self) -> Option<Rc<Font<'a>>> {
        let load = || {
            let program = self.programs.standard_font(StandardFont::Helvetica, &self.resolver)?;
            Some(Rc::new(Font::new(program)))
        };
        self.standard.get_or_init(load).clone()
    }
}

/// A font, and what its codes are.
pub(super) struct Font<'a> {
    program: Program<'a>,
    is_horizontal: bool,
    small: RefCell<Vec<Option<Rc<Character>>>>,
    large: RefCell<HashMap<u32, Rc<Character>>>,
}

/// What a code stands for.
pub(super) struct Character {
    /// Its text; empty if nobody says.
    pub(super) text: String,
    /// How far the next character is from it, in parts of the font's size; downwards in a vertical font.
    pub(super) advance: f64,
}

impl<'a> Font<'a> {
    fn new(program: Program<'a>) -> Self {
        let is_horizontal = program.is_horizontal();
        Self { program, is_horizontal, small: RefCell::new(vec![None; 256]), large: RefCell::default() }
    }

    pub(super) fn is_horizontal(&self) -> bool {
        self.is_horizontal
    }

    /// The code at a place of a string, and how many bytes it has: at least one.
    pub(super) fn code(&self, string: &[u8], at: usize) -> (u32, usize) {
        let (code, length) = self.program.read_code(string, at);
        (code, length.max(1))
    }

    pub(super) fn character(&self, code: u32) -> Rc<Character> {
        let index = code as usize;
        if index < 256 {
            if let Some(Some(known)) = self.small.borrow().get(index) {
                return Rc::clone(known);
            }
        } else if let Some(known) = self.large.borrow().get(&code) {
            return Rc::clone(known);
        }
        let character = Rc::new(self.look_up(code));
        if index < 256 {
            if let Some(place) = self.small.borrow_mut().get_mut(index) {
                *place = Some(Rc::clone(&character));
            }
        } else {
            self.large.borrow_mut().insert(code, Rc::clone(&character));
        }
        character
    }

    fn look_up(&self, code: u32) -> Character {
        let advance = self.program.code_advance(code);
        let advance = if self.is_horizontal { advance.x } else { advance.y };
        let advance = advance / f64::from(UNITS_PER_EM);
        let text = match self.program.glyph(self.program.map_code(code), code) {
            FontGlyph::Outline(glyph) => glyph.as_unicode(),
            FontGlyph::Type3(glyph) => glyph.as_unicode(),
        };
        let text = match text {
            Some(BfString::Char(character)) => plain(character),
            Some(BfString::String(text)) => text.chars().map(plain).collect(),
            None => String::new(),
        };
        Character { text, advance: if advance.is_finite() { advance } else { 0.0 } }
    }
}

/// A character as it is searched for: ligatures as their letters, no hyphen that only a line's end shows.
fn plain(character: char) -> String {
    let letters = match character {
        '\u{fb00}' => "ff",
        '\u{fb01}' => "fi",
        '\u{fb02}' => "fl",
        '\u{fb03}' => "ffi",
        '\u{fb04}' => "ffl",
        '\u{fb05}' | '\u{fb06}' => "st",
        '\u{ad}' => "-",
        '\u{a0}' | '\t' | '\n' | '\r' => " ",
        character if character.is_control() => "",
        character => return character.to_string(),
    };
    letters.to_owned()
}

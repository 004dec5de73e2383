//! The instructions of a page that show text, and those that move it. Paths, colours and pictures are passed over.

use std::rc::Rc;

use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction as Op;
use hayro_syntax::object::{Dict, Name, Object};
use hayro_syntax::page::Resources;

use super::fonts::{Font, Fonts};
use super::lines::{Builder, Line, Run};
use super::matrix::Matrix;
use super::streams;
use crate::error::ExtractError;
use crate::limits::Budget;

/// Forms within forms: viewers stop somewhere, too.
const DEEPEST: usize = 16;

/// States that are saved within each other.
const SAVED: usize = 4_096;

/// What decides where text is shown, and how large.
#[derive(Clone)]
struct State<'a> {
    /// From the space of the page's instructions to the page.
    place: Matrix,
    font: Option<Rc<Font<'a>>>,
    size: f64,
    character_space: f64,
    word_space: f64,
    /// 1 is as wide as the font is.
    stretch: f64,
    leading: f64,
    rise: f64,
}

/// Runs a page's instructions.
pub(super) struct Interpreter<'a, 'b> {
    fonts: &'b Fonts<'a>,
    budget: &'b mut Budget,
    lines: Builder,
    /// Marked content within each other, each with whether it is furniture of the page.
    marks: Vec<bool>,
}

impl<'a, 'b> Interpreter<'a, 'b> {
    pub(super) fn new(fonts: &'b Fonts<'a>, budget: &'b mut Budget) -> Self {
        Self { fonts, budget, lines: Builder::default(), marks: Vec::new() }
    }

    /// The page's lines.
    pub(super) fn finish(self) -> Vec<Line> {
        self.lines.finish()
    }

    /// Runs the instructions of a page or a form.
    pub(super) fn run(
        &mut self,
        content: &[u8],
        resources: &Resources<'a>,
        place: Matrix,
        depth: usize,
    ) -> Result<(), ExtractError> {
        let state = State {
            place,
            font: None,
            size: 1.0,
            character_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let mut form = Form {
            resources,
            depth,
            marks: self.marks.len(),
            state,
            saved: Vec::new(),
            text: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
        };
        let mut operations = TypedIter::new(content);
        while let Some(operation) = operations.next() {
            self.budget.step()?;
            self.operation(&operation, &mut form)?;
        }
        // What a form marks ends with it.
        self.marks.truncate(form.marks);
        Ok(())
    }

    fn operation(&mut self, operation: &Op<'_, '_>, form: &mut Form<'a, '_>) -> Result<(), ExtractError> {
        match operation {
            Op::XObject(name) => return self.draw(name.0, form),
            Op::BeginMarkedContent(_) => self.marks.push(false),
            Op::BeginMarkedContentWithProperties(mark) => self.marks.push(is_furniture(mark.0, mark.1)),
            Op::EndMarkedContent(_) if self.marks.len() > form.marks => drop(self.marks.pop()),
            Op::TextFont(font) => {
                let dictionary = form.resources.get_font(font.0);
                form.state.font = match dictionary {
                    Some(dictionary) => self.fonts.find(&dictionary),
                    None => self.fonts.standard(),
                };
                form.state.size = font.1.as_f64();
            }
            Op::ShowText(show) => self.show(show.0.as_bytes(), form),
            Op::NextLineAndShowText(show) => {
                form.next_line(0.0, -form.state.leading);
                self.show(show.0.as_bytes(), form);
            }
            Op::ShowTextWithParameters(show) => {
                form.state.word_space = show.0.as_f64();
                form.state.character_space = show.1.as_f64();
                form.next_line(0.0, -form.state.leading);
                self.show(show.2.as_bytes(), form);
            }
            Op::ShowTexts(show) => {
                for part in show.0.iter::<Object<'_>>() {
                    match part {
                        Object::String(text) => self.show(text.as_bytes(), form),
                        Object::Number(number) => form.adjust(number.as_f64()),
                        _ => {}
                    }
                }
            }
            other => form.set(other),
        }
        Ok(())
    }

    fn show(&mut self, string: &[u8], form: &mut Form<'a, '_>) {
        let font = form.state.font.clone().or_else(|| self.fonts.standard());
        let Some(font) = font else { return };
        let is_furniture = self.marks.contains(&true);
        let state = &form.state;
        let page = state.place.after(form.text);
        let run = Run::new(page, state.size, font.is_horizontal());
        let mut offset = 0.0;
        let mut at = 0;
        while at < string.len() {
            let (code, length) = font.code(string, at);
            at += length;
            let character = font.character(code);
            let word_space = if length == 1 && code == 32 { state.word_space } else { 0.0 };
            let advance = character.advance * state.size + state.character_space + word_space;
            let advance = if font.is_horizontal() { advance * state.stretch } else { advance };
            if let Some(run) = run.as_ref().filter(|_| !is_furniture) {
                let own = character.advance * state.size;
                let own = if font.is_horizontal() { own * state.stretch } else { own };
                self.lines.add(run, &character.text, offset, offset + own, state.rise);
            }
            offset += advance;
        }
        form.advance(offset, font.is_horizontal());
    }

    /// Runs the instructions of a form; a picture shows no text.
    fn draw(&mut self, name: &Name<'_>, form: &Form<'a, '_>) -> Result<(), ExtractError> {
        let Some(stream) = form.resources.get_x_object(name).filter(|_| form.depth < DEEPEST) else {
            return Ok(());
        };
        let is_form = stream.dict().get::<Name<'_>>("Subtype").is_some_and(|kind| kind.as_ref() == b"Form");
        if !is_form {
            return Ok(());
        }
        let inner = stream.dict().get::<[f64; 6]>("Matrix").map_or(Matrix::IDENTITY, Matrix);
        let own = stream.dict().get::<Dict<'a>>("Resources").map(Resources::new);
        let content = streams::decode(&stream, self.budget)?;
        let place = form.state.place.after(inner);
        self.run(&content, own.as_ref().unwrap_or(form.resources), place, form.depth + 1)
    }
}

/// Page numbers and running heads, where the file says that something is that.
fn is_furniture(tag: &Name<'_>, properties: &Object<'_>) -> bool {
    let Object::Dict(properties) = properties else { return false };
    let kind = properties.get::<Name<'_>>("Type");
    tag.as_ref() == b"Artifact" && kind.is_some_and(|kind| kind.as_ref() == b"Pagination")
}

/// A page or a form while its instructions run.
struct Form<'a, 'r> {
    resources: &'r Resources<'a>,
    depth: usize,
    /// Marks that were open when it began.
    marks: usize,
    state: State<'a>,
    saved: Vec<State<'a>>,
    /// From the text's space to that of the instructions.
    text: Matrix,
    /// The same at the beginning of the line.
    line: Matrix,
}

impl Form<'_, '_> {
    /// Instructions that show nothing by themselves.
    fn set(&mut self, operation: &Op<'_, '_>) {
        let state = &mut self.state;
        match operation {
            Op::SaveState(_) if self.saved.len() < SAVED => self.saved.push(state.clone()),
            Op::RestoreState(_) => {
                if let Some(saved) = self.saved.pop() {
                    self.state = saved;
                }
            }
            Op::Transform(to) => {
                let numbers = [to.0, to.1, to.2, to.3, to.4, to.5].map(|number| number.as_f64());
                state.place = state.place.after(Matrix(numbers));
            }
            Op::BeginText(_) => (self.text, self.line) = (Matrix::IDENTITY, Matrix::IDENTITY),
            Op::SetTextMatrix(to) => {
                let numbers = [to.0, to.1, to.2, to.3, to.4, to.5].map(|number| number.as_f64());
                (self.text, self.line) = (Matrix(numbers), Matrix(numbers));
            }
            Op::NextLine(to) => self.next_line(to.0.as_f64(), to.1.as_f64()),
            Op::NextLineUsingLeading(_) => self.next_line(0.0, -self.state.leading),
            Op::NextLineAndSetLeading(to) => {
                state.leading = -to.1.as_f64();
                self.next_line(to.0.as_f64(), to.1.as_f64());
            }
            Op::CharacterSpacing(space) => state.character_space = space.0.as_f64(),
            Op::WordSpacing(space) => state.word_space = space.0.as_f64(),
            Op::HorizontalScaling(stretch) => state.stretch = stretch.0.as_f64() / 100.0,
            Op::TextLeading(leading) => state.leading = leading.0.as_f64(),
            Op::TextRise(rise) => state.rise = rise.0.as_f64(),
            _ => {}
        }
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line = self.line.after(Matrix::translate(x, y));
        self.text = self.line;
    }

    /// Moves by thousandths of the font's size, backwards.
    fn adjust(&mut self, thousandths: f64) {
        let is_horizontal = self.state.font.as_ref().is_none_or(|font| font.is_horizontal());
        let distance = -thousandths / 1000.0 * self.state.size;
        self.advance(if is_horizontal { distance * self.state.stretch } else { distance }, is_horizontal);
    }

    fn advance(&mut self, distance: f64, is_horizontal: bool) {
        let (x, y) = if is_horizontal { (distance, 0.0) } else { (0.0, distance) };
        self.text = self.text.after(Matrix::translate(x, y));
    }
}

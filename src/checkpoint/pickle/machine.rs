//! The machine: a stack, a memo, and the opcodes of plain data.

use std::collections::HashMap;
use std::io::Read;

use super::stream::{NAME, Stream};
use super::{Id, Known, Pickle, PickleError, Value};

/// Values of a pickle at most, and what they hold together.
const VALUES: usize = 8 << 20;

/// Arguments of a call at most: the longest has seven.
const ARGUMENTS: usize = 16;

/// Opcodes by their names in CPython's `pickle.py`.
mod opcode {
    pub(super) const MARK: u8 = b'(';
    pub(super) const STOP: u8 = b'.';
    pub(super) const POP: u8 = b'0';
    pub(super) const POP_MARK: u8 = b'1';
    pub(super) const DUP: u8 = b'2';
    pub(super) const BINFLOAT: u8 = b'G';
    pub(super) const BININT: u8 = b'J';
    pub(super) const BININT1: u8 = b'K';
    pub(super) const BININT2: u8 = b'M';
    pub(super) const NONE: u8 = b'N';
    pub(super) const BINPERSID: u8 = b'Q';
    pub(super) const REDUCE: u8 = b'R';
    pub(super) const BINSTRING: u8 = b'T';
    pub(super) const SHORT_BINSTRING: u8 = b'U';
    pub(super) const BINUNICODE: u8 = b'X';
    pub(super) const APPEND: u8 = b'a';
    pub(super) const BUILD: u8 = b'b';
    pub(super) const GLOBAL: u8 = b'c';
    pub(super) const APPENDS: u8 = b'e';
    pub(super) const BINGET: u8 = b'h';
    pub(super) const LONG_BINGET: u8 = b'j';
    pub(super) const BINPUT: u8 = b'q';
    pub(super) const LONG_BINPUT: u8 = b'r';
    pub(super) const SETITEM: u8 = b's';
    pub(super) const TUPLE: u8 = b't';
    pub(super) const SETITEMS: u8 = b'u';
    pub(super) const EMPTY_LIST: u8 = b']';
    pub(super) const EMPTY_TUPLE: u8 = b')';
    pub(super) const EMPTY_DICT: u8 = b'}';
    pub(super) const PROTO: u8 = 0x80;
    pub(super) const TUPLE1: u8 = 0x85;
    pub(super) const TUPLE2: u8 = 0x86;
    pub(super) const TUPLE3: u8 = 0x87;
    pub(super) const NEWTRUE: u8 = 0x88;
    pub(super) const NEWFALSE: u8 = 0x89;
    pub(super) const LONG1: u8 = 0x8a;
    pub(super) const BINBYTES: u8 = b'B';
    pub(super) const SHORT_BINBYTES: u8 = b'C';
    pub(super) const SHORT_BINUNICODE: u8 = 0x8c;
    pub(super) const BINUNICODE8: u8 = 0x8d;
    pub(super) const STACK_GLOBAL: u8 = 0x93;
    pub(super) const MEMOIZE: u8 = 0x94;
    pub(super) const FRAME: u8 = 0x95;
}

/// Reads one pickle; what follows it is not touched.
pub(crate) fn read(from: impl Read) -> Result<Pickle, PickleError> {
    let mut machine = Machine {
        stream: Stream::new(from),
        values: Vec::new(),
        held: 0,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
    };
    loop {
        match machine.stream.byte()? {
            opcode::STOP => break,
            code => machine.step(code)?,
        }
    }
    let top = machine.pop()?;
    Ok(Pickle { values: machine.values, top })
}

struct Machine<R> {
    stream: Stream<R>,
    values: Vec<Value>,
    /// Members of all tuples, lists and dictionaries.
    held: usize,
    stack: Vec<Id>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl<R: Read> Machine<R> {
    fn step(&mut self, code: u8) -> Result<(), PickleError> {
        match code {
            opcode::PROTO => self.stream.byte().map(drop),
            opcode::FRAME => self.stream.array::<8>().map(drop),
            opcode::MARK => self.mark(),
            opcode::POP => self.pop().map(drop),
            opcode::POP_MARK => self.above().map(drop),
            opcode::DUP => self.peek().and_then(|id| self.push_id(id)),
            opcode::BINPUT..=opcode::LONG_BINPUT | opcode::BINGET | opcode::LONG_BINGET | opcode::MEMOIZE => {
                self.memory(code)
            }
            opcode::APPEND | opcode::APPENDS | opcode::SETITEM | opcode::SETITEMS => self.fill(code),
            opcode::GLOBAL | opcode::STACK_GLOBAL => self.name(code),
            opcode::REDUCE => self.reduce(),
            opcode::BUILD => self.build(),
            opcode::BINPERSID => self.pop().and_then(|id| self.push(Value::Outside(id))),
            _ => self.value(code).and_then(|value| self.push(value)),
        }
    }

    /// The opcodes that make a value.
    fn value(&mut self, code: u8) -> Result<Value, PickleError> {
        Ok(match code {
            opcode::NONE => Value::Nothing,
            opcode::NEWTRUE => Value::Flag(true),
            opcode::NEWFALSE => Value::Flag(false),
            opcode::BININT => Value::Number(i32::from_le_bytes(self.stream.array()?).into()),
            opcode::BININT1 => Value::Number(self.stream.byte()?.into()),
            opcode::BININT2 => Value::Number(u16::from_le_bytes(self.stream.array()?).into()),
            opcode::LONG1 => self.long()?,
            opcode::BINFLOAT => self.stream.array::<8>().map(|_| Value::Nothing)?,
            opcode::SHORT_BINSTRING | opcode::SHORT_BINUNICODE => {
                let count = self.stream.byte()?;
                Value::Text(self.stream.text(count.into())?)
            }
            opcode::BINSTRING | opcode::BINUNICODE => {
                let count = u32::from_le_bytes(self.stream.array()?);
                Value::Text(self.stream.text(count.into())?)
            }
            opcode::BINUNICODE8 => {
                let count = u64::from_le_bytes(self.stream.array()?);
                Value::Text(self.stream.text(count)?)
            }
            opcode::SHORT_BINBYTES => {
                let count = self.stream.byte()?;
                self.stream.bytes(count.into()).map(|_| Value::Nothing)?
            }
            opcode::BINBYTES => {
                let count = u32::from_le_bytes(self.stream.array()?);
                self.stream.bytes(count.into()).map(|_| Value::Nothing)?
            }
            opcode::EMPTY_TUPLE => Value::Tuple(Vec::new()),
            opcode::EMPTY_LIST => Value::List(Vec::new()),
            opcode::EMPTY_DICT => Value::Dict(Vec::new()),
            opcode::TUPLE => Value::Tuple(self.above()?),
            opcode::TUPLE1 => Value::Tuple(self.last(1)?),
            opcode::TUPLE2 => Value::Tuple(self.last(2)?),
            opcode::TUPLE3 => Value::Tuple(self.last(3)?),
            other => return Err(PickleError::Opcode(other)),
        })
    }

    /// A number of up to 8 bytes in two's complement.
    fn long(&mut self) -> Result<Value, PickleError> {
        let count = self.stream.byte()?;
        let bytes = self.stream.bytes(count.into())?;
        if bytes.len() > 8 {
            return Err(PickleError::Large("a number of more than 64 bits"));
        }
        let sign = if bytes.last().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
        let mut whole = [sign; 8];
        whole[..bytes.len()].copy_from_slice(&bytes);
        Ok(Value::Number(i64::from_le_bytes(whole)))
    }

    fn memory(&mut self, code: u8) -> Result<(), PickleError> {
        let place = match code {
            opcode::BINPUT | opcode::BINGET => u32::from(self.stream.byte()?),
            opcode::MEMOIZE => u32::try_from(self.memo.len()).map_err(|_| PickleError::Large("a memo"))?,
            _ => u32::from_le_bytes(self.stream.array()?),
        };
        if matches!(code, opcode::BINGET | opcode::LONG_BINGET) {
            let id = self.memo.get(&place).copied();
            return self.push_id(id.ok_or(PickleError::Damaged("it asks for what it has not kept"))?);
        }
        let id = self.peek()?;
        self.memo.insert(place, id);
        if self.memo.len() > VALUES { Err(PickleError::Large("a memo of millions")) } else { Ok(()) }
    }

    /// Puts what lies above into the list or dictionary below it.
    fn fill(&mut self, code: u8) -> Result<(), PickleError> {
        let members = match code {
            opcode::APPEND => self.last(1)?,
            opcode::SETITEM => self.last(2)?,
            _ => self.above()?,
        };
        self.hold(members.len())?;
        let into = self.peek()?;
        let is_list = matches!(code, opcode::APPEND | opcode::APPENDS);
        match self.values.get_mut(into) {
            Some(Value::List(list)) if is_list => list.extend(members),
            Some(Value::Dict(pairs)) if !is_list && members.len().is_multiple_of(2) => {
                pairs.extend(members.chunks_exact(2).map(|pair| (pair[0], pair[1])));
            }
            _ => return Err(PickleError::Damaged("it fills what is neither list nor dictionary")),
        }
        Ok(())
    }

    fn name(&mut self, code: u8) -> Result<(), PickleError> {
        let (module, name) = if code == opcode::GLOBAL {
            (self.stream.line()?, self.stream.line()?)
        } else {
            let words = self.last(2)?;
            let text = |id: Id| match &self.values[id] {
                Value::Text(text) if text.len() <= NAME => Ok(text.clone()),
                Value::Text(_) => Err(PickleError::Large("a name of more than 256 bytes")),
                _ => Err(PickleError::Damaged("a name is no text")),
            };
            (text(words[0])?, text(words[1])?)
        };
        let known = Known::of(&module, &name).ok_or_else(|| PickleError::Name(format!("{module}.{name}")))?;
        self.push(Value::Name(known))
    }

    /// Where Python would call a function.
    fn reduce(&mut self) -> Result<(), PickleError> {
        let both = self.last(2)?;
        let (Value::Name(name), Value::Tuple(arguments)) = (&self.values[both[0]], &self.values[both[1]])
        else {
            return Err(PickleError::Damaged("it calls what is no name"));
        };
        if arguments.len() > ARGUMENTS {
            return Err(PickleError::Large("a call with many arguments"));
        }
        let arguments = arguments.clone();
        let value = match (name, arguments.as_slice()) {
            (Known::OrderedDict, []) => Value::Dict(Vec::new()),
            (Known::OrderedDict, [pairs]) => self.dictionary(*pairs)?,
            (Known::Tensor | Known::TypedTensor, [_, _, _, _, ..]) => Value::Built(*name, arguments),
            // It is its tensor.
            (Known::Parameter, [data, ..]) => return self.push_id(*data),
            // It is its sizes.
            (Known::Size, [sizes]) if matches!(self.values[*sizes], Value::Tuple(_) | Value::List(_)) => {
                return self.push_id(*sizes);
            }
            (Known::Device, _) => Value::Nothing,
            _ => return Err(PickleError::Damaged("it calls a name with arguments that it does not take")),
        };
        self.push(value)
    }

    /// The dictionary of a list of pairs, as Python 2 wrote it.
    fn dictionary(&mut self, pairs: Id) -> Result<Value, PickleError> {
        let wrong = PickleError::Damaged("a dictionary is made of what are no pairs");
        let Value::List(pairs) = &self.values[pairs] else { return Err(wrong) };
        let pair = |id: &Id| match &self.values[*id] {
            Value::List(both) | Value::Tuple(both) if both.len() == 2 => Some((both[0], both[1])),
            _ => None,
        };
        let pairs: Option<Vec<(Id, Id)>> = pairs.iter().map(pair).collect();
        let pairs = pairs.ok_or(wrong)?;
        self.hold(pairs.len())?;
        Ok(Value::Dict(pairs))
    }

    /// Attributes of a dictionary, such as the versions of its layers, say nothing of tensors.
    fn build(&mut self) -> Result<(), PickleError> {
        let both = self.last(2)?;
        match self.values[both[0]] {
            Value::Dict(_) => self.push_id(both[0]),
            _ => Err(PickleError::Opcode(opcode::BUILD)),
        }
    }

    fn mark(&mut self) -> Result<(), PickleError> {
        self.marks.push(self.stack.len());
        if self.marks.len() > VALUES { Err(PickleError::Large("millions of marks")) } else { Ok(()) }
    }

    fn push(&mut self, value: Value) -> Result<(), PickleError> {
        if self.values.len() >= VALUES {
            return Err(PickleError::Large("millions of values"));
        }
        if let Value::Tuple(members) | Value::List(members) | Value::Built(_, members) = &value {
            self.hold(members.len())?;
        }
        self.values.push(value);
        self.push_id(self.values.len() - 1)
    }

    fn push_id(&mut self, id: Id) -> Result<(), PickleError> {
        self.stack.push(id);
        if self.stack.len() > VALUES { Err(PickleError::Large("a stack of millions")) } else { Ok(()) }
    }

    fn hold(&mut self, members: usize) -> Result<(), PickleError> {
        self.held += members;
        if self.held > VALUES { Err(PickleError::Large("millions of members")) } else { Ok(()) }
    }

    fn pop(&mut self) -> Result<Id, PickleError> {
        self.last(1).map(|ids| ids[0])
    }

    fn peek(&self) -> Result<Id, PickleError> {
        let above = self.marks.last().copied().unwrap_or(0);
        let top = self.stack.get(above..).and_then(<[Id]>::last);
        top.copied().ok_or(PickleError::Damaged("its stack is empty"))
    }

    /// The last values above the mark, which leave the stack.
    fn last(&mut self, count: usize) -> Result<Vec<Id>, PickleError> {
        let above = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(count) {
            Some(from) if from >= above => Ok(self.stack.split_off(from)),
            _ => Err(PickleError::Damaged("its stack is empty")),
        }
    }

    /// Everything above the mark, which goes too.
    fn above(&mut self) -> Result<Vec<Id>, PickleError> {
        let mark = self.marks.pop().ok_or(PickleError::Damaged("a mark is missing"))?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }
}

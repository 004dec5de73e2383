//! A pickle read without running it: a machine that knows the opcodes of plain data and calls nothing.
//!
//! Where Python would look up a function and call it, this machine notes the name and the arguments, and only of the few
//! names that PyTorch's files need ([`Known`]). Every other name ends the reading, as does every opcode that makes objects
//! by other ways. Values lie in one table and refer to each other by number, so that nothing recurses.

mod machine;
mod stream;

pub(crate) use machine::read;

/// Where a value lies.
pub(crate) type Id = usize;

/// A value of a pickle.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// `None`, and what says nothing of tensors: floats, bytes, devices.
    Nothing,
    /// `True` or `False`.
    Flag(bool),
    /// A number of up to 64 bits.
    Number(i64),
    /// A text.
    Text(String),
    /// A tuple or `torch.Size`.
    Tuple(Vec<Id>),
    /// A list.
    List(Vec<Id>),
    /// A `dict` or `collections.OrderedDict`.
    Dict(Vec<(Id, Id)>),
    /// A name that is known.
    Name(Known),
    /// What PyTorch keeps outside of the pickle: a tuple that begins with `storage`.
    Outside(Id),
    /// A tensor, by the function that would build it and its arguments.
    Built(Known, Vec<Id>),
}

/// The names that files of weights have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// `collections.OrderedDict`.
    OrderedDict,
    /// `torch._utils._rebuild_tensor` and `…_v2`.
    Tensor,
    /// `torch._utils._rebuild_tensor_v3`, of kinds that have no storage class.
    TypedTensor,
    /// `torch._utils._rebuild_parameter`.
    Parameter,
    /// `torch.Size`.
    Size,
    /// `torch.device`.
    Device,
    /// `torch.FloatStorage` and its like, or a kind of number such as `torch.float8_e4m3fn`.
    Kind(crate::safetensors::Kind),
    /// `torch.storage.UntypedStorage`: bytes.
    Bytes,
}

/// Why a pickle is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PickleError {
    /// It asks for something that no file of weights needs.
    #[error("it asks for `{0}`, which no file of weights needs; nothing of it was run")]
    Name(String),
    /// It uses an opcode that plain data has no need of.
    #[error("it uses the opcode {0:#04x}, which no file of weights needs; nothing of it was run")]
    Opcode(u8),
    /// It is not put together as a pickle is.
    #[error("its pickle is damaged: {0}")]
    Damaged(&'static str),
    /// It is larger than any file of weights.
    #[error("its pickle is larger than any that describes weights: {0}")]
    Large(&'static str),
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// All values of a pickle and the one that it is.
#[derive(Debug)]
pub(crate) struct Pickle {
    values: Vec<Value>,
    top: Id,
}

impl Pickle {
    pub(crate) fn top(&self) -> &Value {
        self.get(self.top)
    }

    /// Every value that was made, whether or not the pickle refers to it in the end.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.values.iter()
    }

    pub(crate) fn get(&self, id: Id) -> &Value {
        self.values.get(id).unwrap_or(&Value::Nothing)
    }

    /// A text by its id.
    pub(crate) fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number by its id, if it is not negative.
    pub(crate) fn number(&self, id: Id) -> Option<u64> {
        match self.get(id) {
            Value::Number(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// The numbers of a tuple or list, if none is negative.
    pub(crate) fn numbers(&self, id: Id) -> Option<Vec<u64>> {
        match self.get(id) {
            Value::Tuple(ids) | Value::List(ids) => ids.iter().map(|id| self.number(*id)).collect(),
            _ => None,
        }
    }
}

impl Known {
    /// What a name stands for, by its module and its own name.
    fn of(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Self::Tensor,
            ("torch._utils", "_rebuild_tensor_v3") => Self::TypedTensor,
            ("torch._utils", "_rebuild_parameter") => Self::Parameter,
            ("torch", "Size") => Self::Size,
            ("torch", "device") => Self::Device,
            ("torch.storage", "UntypedStorage") => Self::Bytes,
            ("torch" | "torch.cuda", name) => Self::Kind(crate::safetensors::Kind::of_torch(name)?),
            _ => return None,
        })
    }
}

"""Writes `archive.pt`, `legacy.pt` and `expected.json`: one dictionary of tensors in both forms that PyTorch saves.

The pickles come from Python's own pickler, as PyTorch's do; `torch` is a stand-in with the names that they refer to, so that
nothing but the standard library is needed. Run it in this folder to write the files anew.
"""

import collections
import io
import json
import pickle
import struct
import sys
import types
import zipfile

torch = types.ModuleType("torch")
utils = types.ModuleType("torch._utils")
sys.modules.update({"torch": torch, "torch._utils": utils})


def named(module, name, kind):
    """A class or function that pickles under this name."""
    if kind == "class":
        made = type(name, (), {"__module__": module.__name__})
    else:
        made = types.FunctionType((lambda *arguments: None).__code__, globals(), name)
        made.__module__ = module.__name__
        made.__qualname__ = name
    setattr(module, name, made)
    return made


rebuild_tensor = named(utils, "_rebuild_tensor_v2", "function")
rebuild_parameter = named(utils, "_rebuild_parameter", "function")
WIDTHS = {"FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2, "LongStorage": 8, "BoolStorage": 1}
KINDS = {name: named(torch, name, "class") for name in WIDTHS}


class Storage:
    """Numbers in memory."""

    def __init__(self, key, kind, data):
        self.key, self.kind, self.data = key, kind, data
        self.numbers = len(data) // WIDTHS[kind]


class Tensor:
    """A view of a storage."""

    def __init__(self, storage, offset, size, stride):
        self.parts = (storage, offset, size, stride, False, collections.OrderedDict())

    def __reduce_ex__(self, protocol):
        return rebuild_tensor, self.parts


class Parameter:
    """A tensor that is trained."""

    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce_ex__(self, protocol):
        return rebuild_parameter, (self.tensor, True, collections.OrderedDict())


def floats(*numbers):
    return struct.pack(f"<{len(numbers)}f", *numbers)


STORAGES = [
    Storage("0", "FloatStorage", floats(1, 2, 3, 4, 5, 6)),
    Storage("1", "HalfStorage", struct.pack("<4e", 0.5, 1.5, 2.5, 3.5)),
    Storage("2", "BFloat16Storage", bytes(range(8))),
    Storage("3", "LongStorage", struct.pack("<5q", 7, 8, 9, -1, 1 << 40)),
    Storage("4", "BoolStorage", b"\x01\x00\x01"),
    Storage("5", "FloatStorage", b""),
]
MATRIX, HALF, BRAIN, LONG, BOOL, EMPTY = STORAGES
MODEL = collections.OrderedDict(
    [
        ("matrix", Parameter(Tensor(MATRIX, 0, (2, 3), (3, 1)))),
        ("matrix.turned", Tensor(MATRIX, 0, (3, 2), (1, 3))),
        ("matrix.tied", Tensor(MATRIX, 0, (2, 3), (3, 1))),
        ("matrix.row", Tensor(MATRIX, 3, (3,), (1,))),
        ("half", Tensor(HALF, 0, (2, 1, 2), (2, 2, 1))),
        ("brain", Tensor(BRAIN, 1, (3,), (1,))),
        ("places", Tensor(LONG, 0, (1, 5), (5, 1))),
        ("mask", Tensor(BOOL, 0, (3,), (1,))),
        ("scalar", Tensor(LONG, 4, (), ())),
        ("empty", Tensor(EMPTY, 0, (0, 4), (4, 1))),
    ]
)
# What `nn.Module.state_dict` leaves on its dictionary.
MODEL._metadata = collections.OrderedDict([("", {"version": 1})])


def pickled(value, view):
    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if isinstance(value, Storage):
                return ("storage", KINDS[value.kind], value.key, "cpu", value.numbers) + view
            return None

    out = io.BytesIO()
    Pickler(out, protocol=2).dump(value)
    return out.getvalue()


def archive():
    with zipfile.ZipFile("archive.pt", "w", zipfile.ZIP_STORED) as out:
        for name, data in [
            ("data.pkl", pickled(MODEL, ())),
            ("byteorder", b"little"),
            *((f"data/{storage.key}", storage.data) for storage in STORAGES),
            ("version", b"3\n"),
        ]:
            out.writestr(zipfile.ZipInfo(f"archive/{name}"), data)


def legacy():
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    with open("legacy.pt", "wb") as out:
        for value in (0x1950A86A20F9469CFC6C, 1001, system):
            pickle.dump(value, out, protocol=2)
        out.write(pickled(MODEL, (None,)))
        pickle.dump([storage.key for storage in STORAGES], out, protocol=2)
        for storage in STORAGES:
            out.write(struct.pack("<q", storage.numbers) + storage.data)


def expected():
    """Each tensor's bytes in the order of its sizes, in hexadecimal."""
    tensors = {}
    for name, value in MODEL.items():
        tensor = value.tensor if isinstance(value, Parameter) else value
        storage, offset, size, stride = tensor.parts[:4]
        places = [offset]
        for count, step in zip(size, stride):
            places = [place + index * step for place in places for index in range(count)]
        width = WIDTHS[storage.kind]
        data = b"".join(storage.data[place * width : (place + 1) * width] for place in places)
        tensors[name] = {"kind": storage.kind, "shape": list(size), "bytes": data.hex()}
    with open("expected.json", "w", encoding="utf-8") as out:
        json.dump(tensors, out, indent=1)
        out.write("\n")


archive()
legacy()
expected()

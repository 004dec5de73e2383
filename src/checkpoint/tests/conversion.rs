//! PyTorch's files as safetensors: every tensor's bytes, from both forms; and files that are made to harm.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::safetensors::{Entry, Kind};
use crate::torch::{Weights, convert};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torch").join(name)
}

/// Reads a file of safetensors as its specification says, and not by what wrote it.
fn tensors(path: &Path) -> BTreeMap<String, (Kind, Vec<u64>, Vec<u8>)> {
    let bytes = fs::read(path).unwrap();
    let length = usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    assert_eq!(length % 8, 0, "tensors begin at a whole word");
    let mut header: BTreeMap<String, Value> = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    assert_eq!(header.remove("__metadata__").unwrap()["format"], "pt");
    let data = &bytes[8 + length..];
    let mut covered = Vec::new();
    let read = header.into_iter().map(|(name, entry)| {
        let entry: Entry = serde_json::from_value(entry).unwrap();
        let (start, end) = entry.data_offsets;
        covered.push((start, end));
        assert_eq!(start % entry.dtype.bytes(), 0, "`{name}` lies across the grain");
        let at = |offset: u64| usize::try_from(offset).unwrap();
        (name, (entry.dtype, entry.shape, data[at(start)..at(end)].to_vec()))
    });
    let read = read.collect();
    covered.sort_unstable();
    let end = covered.iter().fold(0, |last, (start, end)| {
        assert_eq!(*start, last, "tensors have neither gaps nor overlaps");
        *end
    });
    assert_eq!(end, data.len() as u64);
    read
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

#[test]
fn both_forms_hold_the_same_tensors() {
    let expected: Value = serde_json::from_slice(&fs::read(fixture("expected.json")).unwrap()).unwrap();
    for form in ["archive.pt", "legacy.pt"] {
        let directory = tempfile::tempdir().unwrap();
        let to = directory.path().join("model.safetensors");
        let mut written = 0;
        let weights = Weights::open(&fixture(form)).unwrap();
        convert(&weights, &to, &mut |bytes| written += bytes).unwrap();
        assert_eq!(written, fs::metadata(&to).unwrap().len(), "{form}");
        let found = tensors(&to);
        assert_eq!(weights.names().collect::<BTreeSet<_>>(), found.keys().map(String::as_str).collect());
        assert_eq!(found.len(), expected.as_object().unwrap().len());
        for (name, tensor) in expected.as_object().unwrap() {
            let (kind, shape, bytes) = &found[name];
            assert_eq!(Some(*kind), Kind::of_torch(tensor["kind"].as_str().unwrap()), "{form}: {name}");
            assert_eq!(serde_json::json!(shape), tensor["shape"], "{form}: {name}");
            assert_eq!(*bytes, unhex(tensor["bytes"].as_str().unwrap()), "{form}: {name}");
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing else is left");
    }
}

/// An archive like the fixture's with other content.
fn archive(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(format!("archive/{name}"), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn refusal(bytes: &[u8]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pytorch_model.bin");
    fs::write(&path, bytes).unwrap();
    let error = Weights::open(&path).unwrap_err().to_string();
    let (_, reason) = error.split_once("cannot be taken as weights: ").unwrap();
    reason.to_owned()
}

fn of_pickle(pickle: &[u8]) -> String {
    refusal(&archive(&[("data.pkl", pickle), ("data/0", &[0; 16])], CompressionMethod::Stored))
}

/// What `pickle.dumps` makes of objects whose `__reduce__` names a command, in several protocols.
#[test]
fn a_pickle_that_would_run_something_is_refused_by_its_name() {
    let system = b"cposix\nsystem\nq\x00X\x04\x00\x00\x00exitq\x01\x85q\x02Rq\x03.";
    assert_eq!(
        of_pickle(system),
        "it asks for `posix.system`, which no file of weights needs; nothing of it was run"
    );
    let stacked = b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x94\x8c\x04eval\x94\x93\x94\x8c\x011\x94\x85\x94R\x94.";
    assert!(of_pickle(stacked).starts_with("it asks for `builtins.eval`"));
    // A name that is known is not one that leads further.
    assert!(
        of_pickle(b"ctorch._utils\n__builtins__\n.").starts_with("it asks for `torch._utils.__builtins__`")
    );
    assert!(of_pickle(b"ctorch\nload\n.").starts_with("it asks for `torch.load`"));
    // INST, OBJ, NEWOBJ, EXT1 and a persistent id as text: other ways to make objects.
    for opcode in [b'i', b'o', 0x81, 0x92, 0x82, b'P'] {
        assert!(of_pickle(&[b'(', opcode, b'.']).starts_with("it uses the opcode"), "{opcode:#x}");
    }
    // The state of an object that is no dictionary.
    assert!(of_pickle(b"ctorch\nFloatStorage\n}b.").starts_with("it uses the opcode 0x62"));
}

#[test]
fn a_pickle_that_would_fill_the_memory_is_refused() {
    let claim = [&b"\x80\x02X\xff\xff\xff\xff"[..], b"abc"].concat();
    assert!(of_pickle(&claim).contains("a text of more than 1 MiB"));
    // Lists in lists, as deep as a file can say it.
    let deep = [vec![b']'; 2_000_000], vec![b'a'; 1_999_999], vec![b'.']].concat();
    assert_eq!(of_pickle(&deep), "it holds no dictionary of tensors");
    // A text that is named as a size again and again would be there as often.
    let size = |of: &[u8]| [&b"\x80\x02}"[..], of, b"q\x010ctorch\nSize\nh\x01\x85R0."].concat();
    assert!(of_pickle(&size(b"X\x03\x00\x00\x00abc")).ends_with("arguments that it does not take"));
    assert!(of_pickle(&size(b"}")).ends_with("arguments that it does not take"));
    assert_eq!(of_pickle(&size(b"K\x01\x85")), "it holds no dictionary of tensors");
    let long = vec![b'a'; 300];
    for name in [
        [b"c", &long[..], b"\nx\n."].concat(),
        [b"X\x2c\x01\x00\x00", &long[..], b"X\x01\x00\x00\x00x\x93."].concat(),
    ] {
        assert!(of_pickle(&name).ends_with("a name of more than 256 bytes"), "{}", of_pickle(&name));
    }
    let marks = vec![b'('; 9_000_000];
    assert!(of_pickle(&marks).contains("millions of marks"));
}

/// A name and its tensor: storage of 4 floats, with this offset, sizes and strides.
fn named(offset: u8, sizes: &[u8], strides: &[u8]) -> Vec<u8> {
    let mut pickle =
        b"X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storage".to_vec();
    pickle.extend(b"ctorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQK");
    pickle.push(offset);
    for numbers in [sizes, strides] {
        pickle.push(b'(');
        pickle.extend(numbers.iter().flat_map(|number| [b'K', *number]));
        pickle.push(b't');
    }
    pickle.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    pickle
}

/// The pickle of a dictionary of one tensor.
fn one(offset: u8, sizes: &[u8], strides: &[u8]) -> Vec<u8> {
    [&b"\x80\x02}"[..], &named(offset, sizes, strides), b"s."].concat()
}

/// Python 2 wrote an ordered dictionary as a list of pairs, and checkpoints have the model's beside that of an optimizer.
#[test]
fn other_shapes_of_dictionaries() {
    let tensor = named(0, &[4], &[1]);
    let pairs = [&b"\x80\x02ccollections\nOrderedDict\n](]("[..], &tensor, b"ee\x85R."].concat();
    let inner =
        [&b"\x80\x02}(X\x04\x00\x00\x00stepK\x07X\x05\x00\x00\x00model}"[..], &tensor, b"su."].concat();
    for pickle in [pairs, inner] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pytorch_model.bin");
        fs::write(&path, archive(&[("data.pkl", &pickle), ("data/0", &[7; 16])], CompressionMethod::Stored))
            .unwrap();
        assert_eq!(Weights::open(&path).unwrap().bytes(), 16);
    }
    let two =
        [&b"\x80\x02}(X\x01\x00\x00\x00a}"[..], &tensor, b"sX\x01\x00\x00\x00b}", &tensor, b"su."].concat();
    assert_eq!(of_pickle(&two), "it holds no dictionary of tensors");
}

#[test]
fn a_tensor_stays_within_its_storage() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pytorch_model.bin");
    let whole =
        archive(&[("data.pkl", &one(0, &[2, 2], &[1, 2])), ("data/0", &[7; 16])], CompressionMethod::Stored);
    fs::write(&path, whole).unwrap();
    assert_eq!(Weights::open(&path).unwrap().bytes(), 16);
    // What has no numbers lies nowhere, but not beyond.
    let empty = [("data.pkl", &one(4, &[2, 0], &[1, 1])[..]), ("data/0", &[7; 16])];
    fs::write(&path, archive(&empty, CompressionMethod::Stored)).unwrap();
    assert_eq!(Weights::open(&path).unwrap().bytes(), 0);
    for (offset, sizes, strides) in [
        (5, [2, 0], [1, 1]),
        (1, [2, 2], [2, 1]),
        (0, [2, 2], [3, 1]),
        (0, [255, 255], [0, 0]),
        (4, [1, 1], [1, 1]),
    ] {
        assert_eq!(of_pickle(&one(offset, &sizes, &strides)), "the tensor `w` reaches beyond its storage");
    }
    assert_eq!(of_pickle(&one(0, &[2, 2], &[1])), "the tensor `w` reaches beyond its storage");
}

#[test]
fn archives_that_are_not_pytorchs() {
    let good = one(0, &[4], &[1]);
    let stored = |files: &[(&str, &[u8])]| refusal(&archive(files, CompressionMethod::Stored));
    assert_eq!(refusal(b"version https://git-lfs.github.com/spec/v1\n"), "it is no file that PyTorch saves");
    assert_eq!(stored(&[("readme", b"")]), "it is no file that PyTorch saves");
    let big = stored(&[("data.pkl", &good), ("byteorder", b"big"), ("data/0", &[0; 16])]);
    assert!(big.contains("the other way round"), "{big}");
    assert!(stored(&[("data.pkl", &good)]).starts_with("its archive is damaged"));
    assert!(stored(&[("data.pkl", &good), ("data/0", &[0; 15])]).contains("does not have the size"));
    let zeros = archive(&[("data.pkl", &good), ("data/0", &[0; 16])], CompressionMethod::Deflated);
    assert!(refusal(&zeros).contains("is compressed"));
    // The directory is right, and the entry itself says that it begins 65,280 bytes later.
    let mut shifted = archive(&[("data.pkl", &good), ("data/0", &[0; 16])], CompressionMethod::Stored);
    let entry = shifted.windows(4).rposition(|bytes| bytes == b"PK\x03\x04").unwrap();
    shifted[entry + 29] = 0xff;
    assert!(refusal(&shifted).ends_with("reaches beyond the file"), "{}", refusal(&shifted));
}

fn whole(name: &str) -> Vec<u8> {
    fs::read(fixture(name)).unwrap()
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    for name in ["archive.pt", "legacy.pt"] {
        let bytes = whole(name);
        for end in (0..bytes.len()).step_by(7) {
            refusal(&bytes[..end]);
        }
    }
}

fn pickle_of_the_archive() -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(whole("archive.pt"))).unwrap();
    let mut pickle = Vec::new();
    archive.by_name("archive/data.pkl").unwrap().read_to_end(&mut pickle).unwrap();
    pickle
}

proptest! {
    /// Whatever bytes change, a file is read or refused: nothing panics, and no tensor leaves its file.
    #[test]
    fn damaged_files_are_read_or_refused(
        is_legacy: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = if is_legacy { whole("legacy.pt") } else { whole("archive.pt") };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pytorch_model.bin");
        fs::write(&path, &bytes).unwrap();
        if let Ok(weights) = Weights::open(&path) {
            let to = directory.path().join("model.safetensors");
            convert(&weights, &to, &mut |_| ()).unwrap();
            tensors(&to);
        }
    }

    /// The same of the pickle alone, whose bytes the archive's checksum does not guard then.
    #[test]
    fn damaged_pickles_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut pickle = pickle_of_the_archive();
        for (at, byte) in changes {
            let at = at.index(pickle.len());
            pickle[at] = byte;
        }
        let _ = crate::pickle::read(pickle.as_slice());
    }
}

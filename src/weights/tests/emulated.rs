//! Copies from the AWS emulator's S3: uploads, listings, checksums and conditions are those of another program than ours.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use lisa_testkit::Emulator;
use nix::sys::resource::{UsageWho, getrusage};
use tempfile::TempDir;

use crate::cutting::Cutting;
use crate::random::Random;
use crate::scene::{state, tree};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
const BUCKET: &str = "weights";
const FOLDER: &str = "org/model/";

/// Bytes of an uploaded part: the least that S3 takes.
const PART: usize = 5 << 20;

/// An emulator with a bucket.
struct Shop {
    emulator: Emulator,
    client: Client,
    files: BTreeMap<String, Vec<u8>>,
    directory: TempDir,
}

impl Shop {
    fn open() -> Self {
        let emulator = Emulator::start().expect("an emulator");
        let session = emulator.session(ACCOUNT, REGION).expect("a session");
        let client = Client::from_conf(Builder::from(session.config()).force_path_style(true).build());
        emulator.block_on(client.create_bucket().bucket(BUCKET).send()).expect("a bucket");
        let directory = tempfile::tempdir().expect("a directory");
        Self { emulator, client, files: BTreeMap::new(), directory }
    }

    /// One with a model of two large files and some small ones.
    fn with_a_model(seed: u64) -> Self {
        let mut random = Random(seed);
        let mut shop = Self::open();
        for (name, size) in [("config.json", 700), ("empty", 0), ("sub folder/tokenizer+x.json", 70_000)] {
            shop.put(name, random.bytes(size));
        }
        for name in ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] {
            shop.put_in_parts(name, random.bytes(2 * PART + 12_345));
        }
        shop
    }

    fn put(&mut self, name: &str, bytes: Vec<u8>) {
        let call = self.client.put_object().bucket(BUCKET).key(format!("{FOLDER}{name}"));
        let call = call.checksum_algorithm(ChecksumAlgorithm::Sha256).body(bytes.clone().into());
        self.emulator.block_on(call.send()).expect("it is stored");
        self.files.insert(name.to_owned(), bytes);
    }

    fn put_in_parts(&mut self, name: &str, bytes: Vec<u8>) {
        let (client, key) = (&self.client, format!("{FOLDER}{name}"));
        let work = async {
            let begun = client.create_multipart_upload().bucket(BUCKET).key(&key);
            let begun = begun.checksum_algorithm(ChecksumAlgorithm::Crc32).send().await?;
            let id = begun.upload_id().unwrap_or_default();
            let mut parts = CompletedMultipartUpload::builder();
            for (number, part) in (1..).zip(bytes.chunks(PART)) {
                let call = client.upload_part().bucket(BUCKET).key(&key).upload_id(id).part_number(number);
                let call = call.checksum_algorithm(ChecksumAlgorithm::Crc32).body(part.to_vec().into());
                let stored = call.send().await?;
                let part = CompletedPart::builder().part_number(number).set_e_tag(stored.e_tag);
                parts = parts.parts(part.set_checksum_crc32(stored.checksum_crc32).build());
            }
            let call = client.complete_multipart_upload().bucket(BUCKET).key(&key).upload_id(id);
            call.multipart_upload(parts.build()).send().await?;
            Ok::<_, aws_sdk_s3::Error>(())
        };
        self.emulator.block_on(work).expect("it is stored");
        self.files.insert(name.to_owned(), bytes);
    }

    fn address(&self) -> SocketAddr {
        self.emulator.url().trim_start_matches("http://").parse().expect("an address")
    }

    /// The program, which finds S3 at an address.
    fn program(&self, address: SocketAddr) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lisa-weights"));
        command
            .env_clear()
            .env("AWS_ACCESS_KEY_ID", ACCOUNT)
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_ENDPOINT_URL", format!("http://{address}"))
            .env("AWS_REGION", REGION)
            .env("LOCAL_MODEL_PATH", self.directory.path())
            .env("LOG_LEVEL", "INFO")
            .env("MODEL_NAME", "org/model")
            .env("S3_BUCKET_MODELS", BUCKET)
            .env("THREADS", "2")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn copy(&self, address: SocketAddr) {
        let output = self.program(address).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    /// From nothing again.
    fn clear(&self) {
        std::fs::remove_dir_all(self.directory.path()).expect("it goes");
        std::fs::create_dir_all(self.directory.path()).expect("it comes");
    }

    fn is_whole(&self) {
        assert!(tree(self.directory.path()) == self.files, "contents differ");
        assert_eq!(state(self.directory.path())["complete"], true);
    }
}

#[test]
fn a_model_comes_whole_and_a_second_time_nothing_is_read() {
    let shop = Shop::with_a_model(90);
    shop.copy(shop.address());
    shop.is_whole();
    let output = shop.program(shop.address()).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(lines.lines().last().unwrap().contains("\"bytes\":0"), "{lines}");
}

#[test]
fn connections_that_are_cut_cost_time_and_nothing_else() {
    let shop = Shop::with_a_model(91);
    let proxy = Cutting::start(shop.address(), 1 << 20, 91);
    shop.copy(proxy.address);
    shop.is_whole();
    assert!(proxy.cuts.load(Ordering::SeqCst) > 10, "{:?}", proxy.cuts);
}

/// The new content is of the same size, so that nothing but the condition of each read tells.
#[test]
fn an_object_that_changes_in_mid_copy_comes_in_its_new_content() {
    let name = "model-00001-of-00002.safetensors";
    let mut shop = Shop::with_a_model(92);
    for after in [100_000, 6_000_000, 14_000_000] {
        let proxy = Cutting::start(shop.address(), 0, 92);
        let new = Random(after).bytes(2 * PART + 12_345);
        let call = shop.client.put_object().bucket(BUCKET).key(format!("{FOLDER}{name}"));
        let call = call.body(new.clone().into());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let done = Arc::new(Mutex::new(false));
        let noted = Arc::clone(&done);
        proxy.after(after, move || {
            runtime.block_on(call.send()).expect("it is stored");
            *noted.lock().unwrap() = true;
        });
        shop.copy(proxy.address);
        assert!(*done.lock().unwrap(), "it changed");
        shop.files.insert(name.to_owned(), new);
        shop.is_whole();
        shop.clear();
    }
}

#[test]
fn killed_a_hundred_times_every_file_is_whole_or_absent() {
    let shop = Shop::with_a_model(94);
    let mut random = Random(94);
    let mut whole = 0;
    for _ in 0..100 {
        let mut child: Child = shop.program(shop.address()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(1 + random.below(150)));
        child.kill().unwrap();
        child.wait().unwrap();
        let there = tree(shop.directory.path());
        for (name, bytes) in &there {
            assert!(shop.files.get(name) == Some(bytes), "`{name}` is not what it should be");
        }
        if state(shop.directory.path())["complete"] == true {
            assert_eq!(there.len(), shop.files.len());
            whole += 1;
            shop.clear();
        }
    }
    shop.copy(shop.address());
    shop.is_whole();
    assert!(whole < 100, "some were killed before their end");
}

/// A file that is larger than the limit, and the most reads at once that there can be.
#[test]
fn memory_stays_small_whatever_the_size() {
    let mut shop = Shop::open();
    shop.put_in_parts("zeros.safetensors", vec![0; 160 << 20]);
    let output = shop.program(shop.address()).env("THREADS", "8").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    shop.is_whole();
    // In KiB, of the largest child so far; the emulator still runs and does not count.
    let most = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    assert!(most < 128 * 1024, "{most} KiB");
}

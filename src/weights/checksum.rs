//! Checksums that S3 keeps with objects, computed again from the bytes on the disk.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_smithy_checksums::ChecksumAlgorithm;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Bytes that are read at once.
const BUFFER: usize = 1024 * 1024;

/// A checksum that S3 gives for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) algorithm: ChecksumAlgorithm,
    value: String,
}

impl Expected {
    /// The quickest of those that S3 gives; none where there is none.
    pub(crate) fn of(head: &HeadObjectOutput) -> Option<Self> {
        let given = [
            (ChecksumAlgorithm::Crc64Nvme, head.checksum_crc64_nvme()),
            (ChecksumAlgorithm::Crc32c, head.checksum_crc32_c()),
            (ChecksumAlgorithm::Crc32, head.checksum_crc32()),
            (ChecksumAlgorithm::Sha256, head.checksum_sha256()),
            (ChecksumAlgorithm::Sha1, head.checksum_sha1()),
        ];
        let mut given = given.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?)));
        given.next().map(|(algorithm, value)| Self { algorithm, value: value.to_owned() })
    }

    /// In how many parts the object was uploaded, where the checksum is one of the parts' checksums.
    pub(crate) fn parts(&self) -> Option<u64> {
        self.value.split_once('-')?.1.parse().ok()
    }

    /// Whether the file has this checksum. `part` is the size of the parts that the object was uploaded in.
    pub(crate) fn holds(&self, file: &File, size: u64, part: Option<u64>) -> io::Result<bool> {
        let Some(part) = part else {
            return Ok(STANDARD.encode(self.digest(file, 0, size)?) == self.value);
        };
        let mut digests = self.algorithm.into_impl();
        let count = size.div_ceil(part);
        for index in 0..count {
            let start = index * part;
            digests.update(&self.digest(file, start, (start + part).min(size))?);
        }
        Ok(format!("{}-{count}", STANDARD.encode(digests.finalize())) == self.value)
    }

    fn digest(&self, file: &File, start: u64, end: u64) -> io::Result<bytes::Bytes> {
        let mut digest = self.algorithm.into_impl();
        let mut buffer = vec![0; BUFFER];
        let mut at = start;
        while at < end {
            let length = usize::try_from(end - at).unwrap_or(BUFFER).min(BUFFER);
            file.read_exact_at(&mut buffer[..length], at)?;
            digest.update(&buffer[..length]);
            at += length as u64;
        }
        Ok(digest.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of these algorithms are those of the text `123456789`, as catalogues of checksums give them.
    #[test]
    fn check_values_are_those_of_the_catalogue() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"123456789", 0).unwrap();
        let values: [(ChecksumAlgorithm, &[u8]); 3] = [
            (ChecksumAlgorithm::Crc32, &[0xcb, 0xf4, 0x39, 0x26]),
            (ChecksumAlgorithm::Crc32c, &[0xe3, 0x06, 0x92, 0x83]),
            (ChecksumAlgorithm::Crc64Nvme, &[0xae, 0x8b, 0x14, 0x86, 0x0a, 0x79, 0x98, 0x88]),
        ];
        for (algorithm, bytes) in values {
            let expected = Expected { algorithm, value: STANDARD.encode(bytes) };
            assert!(expected.holds(&file, 9, None).unwrap(), "{algorithm:?}");
            assert!(!expected.holds(&file, 8, None).unwrap(), "{algorithm:?}");
        }
    }

    #[test]
    fn parts_are_counted_and_their_checksums_checked() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"abcdefghij", 0).unwrap();
        let algorithm = ChecksumAlgorithm::Sha256;
        let digest = |bytes: &[u8]| {
            let mut digest = algorithm.into_impl();
            digest.update(bytes);
            digest.finalize()
        };
        let parts = [digest(b"abcd"), digest(b"efgh"), digest(b"ij")].concat();
        let value = format!("{}-3", STANDARD.encode(digest(&parts)));
        let expected = Expected { algorithm, value };
        assert_eq!(expected.parts(), Some(3));
        assert!(expected.holds(&file, 10, Some(4)).unwrap());
        assert!(!expected.holds(&file, 10, Some(5)).unwrap());
    }
}

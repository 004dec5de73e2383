//! Who is told how far a model is on its way.

/// Steps of a model's way that take time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Files come from the hub.
    Download,
    /// PyTorch's files become safetensors.
    Convert,
    /// Files are read to know their checksums.
    Check,
    /// Files go to the bucket.
    Upload,
}

/// Is told.
pub trait Progress: Send + Sync {
    /// A step begins, with so many bytes to do.
    fn begin(&self, phase: Phase, bytes: u64);

    /// So many bytes more are done.
    fn add(&self, bytes: u64);

    /// Something that a person may want to know.
    fn note(&self, text: &str);
}

//! What `lisa-weights`, which brings a model's weights to its host, reads.

use super::settings;

settings! {
    /// What `lisa-weights` reads.
    WeightsSettings;
    includes {}
    required {
        /// The directory that the weights come into, on a disk of the host.
        directory = "LOCAL_MODEL_PATH",
        /// The least level that is logged: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
        log_level = "LOG_LEVEL",
        /// The model's name: its folder in the bucket.
        model = "MODEL_NAME",
        /// The bucket of weights.
        bucket = "S3_BUCKET_MODELS"
    }
    optional {
        /// Threads to copy with; one per processor without.
        threads = "THREADS",
        /// The file with the certificate authorities to trust, as AWS's own tools name it.
        certificates = "AWS_CA_BUNDLE",
        /// The file with the certificate authorities to trust beside the usual ones.
        ca_bundle = "SSL_CERT_FILE"
    }
}

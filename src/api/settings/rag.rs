//! What `lisa-rag`, the repository API and its ingest worker, reads.

use super::settings;
use super::{AuthSettings, CommonSettings};

settings! {
    /// What `lisa-rag` reads.
    RagSettings;
    includes { common: CommonSettings, auth: AuthSettings }
    required {
        /// The bucket of documents.
        bucket = "BUCKET_NAME",
        /// The table of repositories, collections, documents and jobs.
        table = "RAG_TABLE_NAME",
        /// The queue that ingest jobs are taken from.
        ingest_queue_url = "INGESTION_QUEUE_URL",
        /// The SSM parameter with the list of the config's repositories.
        repositories_parameter = "REGISTERED_REPOSITORIES_PS_NAME",
        /// The SSM parameter with the URL of the serve API, which embeds.
        serve_url_parameter = "LISA_API_URL_PS_NAME"
    }
    optional {
        /// The table of models, to check the name of an embedding model.
        model_table = "MODEL_TABLE_NAME",
        /// Characters of a chunk where a request does not say; 512 without.
        chunk_size = "CHUNK_SIZE",
        /// Characters that neighbouring chunks share where a request does not say; 51 without.
        chunk_overlap = "CHUNK_OVERLAP",
        /// The key that encrypts the bucket and the queue.
        data_key_arn = "DATA_KEY_ARN",
        /// The role of the ingest worker, which the repository API admits to new search domains.
        ingest_role_arn = "INGEST_ROLE_ARN",
        /// The IAM or ACM certificate of the serve API, to trust when it is signed by itself.
        serve_certificate_arn = "RESTAPI_SSL_CERT_ARN"
    }
}

//! What `lisa init` has to know: from flags alone, or from flags and a conversation.

use lisa_names::{AccountId, BucketName, DeploymentName, NameError, Partition, Region, VpcId};

use super::interview::{Interview, in_words};
use super::{Init, Store};
use crate::failure::Failure;

/// Every answer.
pub(super) struct Answers {
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) name: DeploymentName,
    pub(super) bucket: BucketName,
    /// `None`: no chat, no web page, no RAG.
    pub(super) provider: Option<Provider>,
    /// `None`: a new one.
    pub(super) vpc: Option<VpcId>,
    /// An ARN. `None`: plain HTTP.
    pub(super) certificate: Option<String>,
    pub(super) store: Store,
    /// Hugging Face names.
    pub(super) models: Vec<String>,
    pub(super) embedding_models: Vec<String>,
    /// Only in isolated partitions.
    pub(super) python_index: Option<String>,
}

/// The OpenID Connect provider.
pub(super) struct Provider {
    pub(super) authority: String,
    pub(super) client_id: String,
    pub(super) admin_group: String,
}

const NAME: &str = "prod";
const CERTIFICATE: &str = "ARN of the load balancers' certificate, in ACM or IAM (empty: plain HTTP)";

impl Init {
    /// The flags, and defaults for the rest; what has no default is asked for all at once.
    pub(super) fn flags_alone(&self) -> Result<Answers, Failure> {
        let (Some(account), Some(bucket)) = (&self.account, &self.bucket) else {
            let missing = [("--account", &self.account), ("--bucket", &self.bucket)];
            let missing: Vec<String> = missing
                .iter()
                .filter(|(_, given)| given.is_none())
                .map(|(flag, _)| format!("`{flag}`"))
                .collect();
            let message = format!("`--yes` needs {}", missing.join(" and "));
            return Err(Failure::usage(
                message,
                "Nothing stands in for these; without `--yes` they are asked for.",
            ));
        };
        let partition = self.partition.as_deref().map(partition).transpose()?;
        let region = self
            .region
            .clone()
            .unwrap_or_else(|| first_region(partition.unwrap_or(Partition::Aws)).to_owned());
        let region: Region = word("--region", &region)?;
        agree(partition, &region)?;
        let provider = self.provider()?;
        let store = self.rag.unwrap_or(Store::None);
        if store != Store::None && provider.is_none() {
            let help =
                "Give `--authority` and `--client-id`: who may search is decided by the provider's groups.";
            return Err(Failure::usage("`--rag` needs an identity provider", help));
        }
        Ok(Answers {
            account: word("--account", account)?,
            name: word("--name", self.name.as_deref().unwrap_or(NAME))?,
            bucket: word("--bucket", bucket)?,
            provider,
            vpc: self.vpc.as_deref().map(|vpc| word("--vpc", vpc)).transpose()?,
            certificate: self.certificate.clone(),
            store,
            models: self.models.clone(),
            embedding_models: self.embedding_models.clone(),
            python_index: self.python_index.clone(),
            region,
        })
    }

    fn provider(&self) -> Result<Option<Provider>, Failure> {
        match (&self.authority, &self.client_id) {
            (None, None) => Ok(None),
            (Some(authority), Some(client_id)) => Ok(Some(Provider {
                authority: authority.clone(),
                client_id: client_id.clone(),
                admin_group: self.admin_group.clone().unwrap_or_default(),
            })),
            _ => Err(Failure::usage(
                "`--authority` and `--client-id` belong together",
                "Give both, or neither for a deployment without chat, web page and RAG.",
            )),
        }
    }

    /// The flags, and what the user says.
    pub(super) fn interview(&self, ask: &mut Interview) -> Result<Answers, Failure> {
        let partition = match (&self.partition, &self.region) {
            (Some(id), _) => self::partition(id)?,
            (None, Some(region)) => word::<Region>("--region", region)?.partition(),
            (None, None) => ask.word("Partition", Some(Partition::Aws.id()), None)?,
        };
        let region = match &self.region {
            Some(region) => word("--region", region)?,
            None => {
                ask.until("Region", Some(first_region(partition)), None, |text| known(partition, text))?
            }
        };
        agree(Some(partition), &region)?;
        let account = ask.word("AWS account number", None, self.account.as_deref())?;
        let name = ask.word("Name of the deployment", Some(NAME), self.name.as_deref())?;
        let bucket = ask.word("Existing bucket with the model weights", None, self.bucket.as_deref())?;
        let provider = self.ask_provider(ask)?;
        let vpc = ask.maybe("Existing VPC (empty: a new one)", self.vpc.as_deref())?;
        let certificate = ask.text(CERTIFICATE, Some(""), self.certificate.as_deref())?;
        let certificate = Some(certificate).filter(|arn| !arn.is_empty());
        let store = match (self.rag, &provider) {
            (Some(store), _) => store,
            (None, None) => Store::None,
            (None, Some(_)) => ask.choice("Vector store for RAG", &Store::None)?,
        };
        let models = ask.list("Text models to host, by Hugging Face name (empty: none)", &self.models)?;
        let embedding_models = ask.list("Embedding models to host (empty: none)", &self.embedding_models)?;
        let python_index = match &self.python_index {
            None if partition.is_isolated() => {
                Some(ask.text("Python package index of the partition", None, None)?)
            }
            given => given.clone(),
        };
        Ok(Answers {
            account,
            region,
            name,
            bucket,
            provider,
            vpc,
            certificate,
            store,
            models,
            embedding_models,
            python_index,
        })
    }

    fn ask_provider(&self, ask: &mut Interview) -> Result<Option<Provider>, Failure> {
        let question = "Issuer URL of the identity provider (empty: no chat, web page and RAG)";
        let authority = ask.text(question, Some(""), self.authority.as_deref())?;
        if authority.is_empty() {
            return Ok(None);
        }
        let client_id = ask.text("Client id of LISA at the provider", None, self.client_id.as_deref())?;
        let admin_group =
            ask.text("Group of the administrators (empty: nobody)", Some(""), self.admin_group.as_deref())?;
        Ok(Some(Provider { authority, client_id, admin_group }))
    }
}

fn partition(id: &str) -> Result<Partition, Failure> {
    word("--partition", id)
}

fn first_region(partition: Partition) -> &'static str {
    match partition {
        // Sorted, it would be one that has to be opted into.
        Partition::Aws => "us-east-1",
        other => other.regions().first().copied().unwrap_or_default(),
    }
}

fn agree(partition: Option<Partition>, region: &Region) -> Result<(), Failure> {
    match partition.and_then(|partition| mismatch(partition, region)) {
        Some(message) => Err(Failure::usage(message, "Leave out `--partition`: it follows from the region.")),
        None => Ok(()),
    }
}

/// A region that somebody types is one that is known; a newer one is insisted on by the flag.
fn known(partition: Partition, text: &str) -> Result<Region, String> {
    let region: Region = text.parse().map_err(|error: NameError| in_words(&error))?;
    match mismatch(partition, &region) {
        Some(message) => Err(message),
        None if region.is_known() => Ok(region),
        None => {
            Err(format!("`{region}` is no region known to this version; `--region` takes it all the same"))
        }
    }
}

fn mismatch(partition: Partition, region: &Region) -> Option<String> {
    let other = region.partition();
    (other != partition).then(|| format!("`{region}` lies in the partition `{other}`, not in `{partition}`"))
}

fn word<T: std::str::FromStr<Err = NameError>>(flag: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|error: NameError| Failure::Usage {
        message: format!("{flag}: {error}"),
        help: error.help().map(str::to_owned),
    })
}

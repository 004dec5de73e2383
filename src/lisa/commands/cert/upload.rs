//! `lisa cert upload`: a certificate and its key into IAM or Certificate Manager.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use lisa_signed::{Error, Signed, service};
use lisa_stacks::Naming;
use serde::Serialize;
use serde_json::json;

use super::{AUTHORITY, CERTIFICATE, KEY};
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::{Failure, os_message};
use crate::printer::Printer;
use crate::{input, world};

const EXAMPLES: &str = "Examples:
  lisa cert upload                  what `lisa cert generate` has written, to IAM
  lisa cert upload --to acm         to Certificate Manager
  lisa cert upload --certificate server.pem --key server.key --chain authorities.pem";

/// Upload a certificate for the serve API
///
/// Needs `iam:UploadServerCertificate` or `acm:ImportCertificate`. Says what to write into the config.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Upload {
    /// The directory of `lisa cert generate`
    #[arg(long, value_name = "DIR", default_value = "lisa.cert")]
    from: PathBuf,
    /// The certificate in PEM, in place of the directory's
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Its key in PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// The authorities between it and a root, in PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    chain: Option<PathBuf>,
    /// Where to
    #[arg(long, value_enum, default_value_t = Store::Iam)]
    to: Store,
    /// Its name in IAM; the deployment's without
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// Where load balancers find certificates.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Store {
    /// IAM's server certificates, which every partition has.
    Iam,
    /// AWS Certificate Manager.
    Acm,
}

/// A certificate that is there.
#[derive(Serialize)]
struct Uploaded {
    arn: String,
}

/// The files' texts.
struct Texts {
    certificate: String,
    key: String,
    chain: Option<String>,
}

impl Upload {
    pub(super) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let texts = self.read()?;
        let usual = || format!("{}-serve", Naming::new(&input.config).prefix());
        let name = self.name.clone().unwrap_or_else(usual);
        let arn = world::run(async {
            let connection = world::connect(&input.config).await?;
            let signed = Signed::new(&connection.session);
            let uploaded = match self.to {
                Store::Iam => to_iam(&signed, &name, &texts).await,
                Store::Acm => to_acm(&signed, &texts).await,
            };
            uploaded.map_err(|error| failed(&error))
        })?;
        printer.answer(&Uploaded { arn })?;
        Ok(Exit::Done)
    }

    fn read(&self) -> Result<Texts, Failure> {
        let own = |file: &str| self.from.join(file);
        let (certificate, key, chain) = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => (certificate.clone(), key.clone(), self.chain.clone()),
            _ => (own(CERTIFICATE), own(KEY), Some(own(AUTHORITY))),
        };
        let chain = chain.map(|path| text(&path)).transpose()?;
        Ok(Texts { certificate: text(&certificate)?, key: text(&key)?, chain })
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    let help = "Make it with `lisa cert generate`, or name another file.";
    fs::read_to_string(path).map_err(|error| {
        Failure::input(format!("could not read `{}`: {}", path.display(), os_message(&error)), help)
    })
}

async fn to_iam(signed: &Signed, name: &str, texts: &Texts) -> Result<String, Error> {
    let mut parameters = vec![
        ("ServerCertificateName", name),
        ("CertificateBody", texts.certificate.as_str()),
        ("PrivateKey", texts.key.as_str()),
    ];
    parameters.extend(texts.chain.as_deref().map(|chain| ("CertificateChain", chain)));
    let answer = signed.query(&service::IAM, "UploadServerCertificate", &parameters).await?;
    Ok(answer.find("Arn").map(|element| element.text.clone()).unwrap_or_default())
}

async fn to_acm(signed: &Signed, texts: &Texts) -> Result<String, Error> {
    let encoded = |text: &str| STANDARD.encode(text);
    let mut body = json!({ "Certificate": encoded(&texts.certificate), "PrivateKey": encoded(&texts.key) });
    if let Some(chain) = &texts.chain {
        body["CertificateChain"] = encoded(chain).into();
    }
    let answer = signed.json(&service::ACM, "ImportCertificate", &body).await?;
    Ok(answer["CertificateArn"].as_str().unwrap_or_default().to_owned())
}

fn failed(error: &Error) -> Failure {
    let help = if error.code == "EntityAlreadyExists" {
        "Choose another name with `--name`: a load balancer may use the one that is there."
    } else {
        "Allow `iam:UploadServerCertificate` or `acm:ImportCertificate` to who runs this, or choose the other with `--to`."
    };
    Failure::action(error.to_string(), help)
}

impl fmt::Display for Uploaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "restApiConfig:\n  loadBalancerConfig:\n    sslCertIamArn: {}", self.arn)
    }
}

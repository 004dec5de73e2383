//! A certificate authority that signs one server's certificate and is forgotten.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, Error, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};

/// Clocks that are behind take the certificates, too.
const EARLIER: Duration = Duration::from_hours(24);

/// What a server needs, and its callers.
pub(super) struct Identity {
    /// The authority's certificate in PEM, for callers.
    pub(super) authority: String,
    /// The server's certificate in PEM.
    pub(super) certificate: String,
    /// The server's key in PEM.
    pub(super) key: String,
}

/// Makes an authority and a server's certificate for these DNS names, good for so many days. The authority's key is
/// dropped: nobody can sign a second certificate with it.
pub(super) fn issue(names: &[String], days: u16, now: SystemTime) -> Result<Identity, Error> {
    let (from, to) = (now - EARLIER, now + Duration::from_secs(u64::from(days) * 86_400));
    let authority_key = KeyPair::generate()?;
    let mut authority = good_for(CertificateParams::default(), from, to);
    authority.distinguished_name = named("LISA serve API: authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let signed_itself = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let key = KeyPair::generate()?;
    let mut server = good_for(CertificateParams::new(names.to_vec())?, from, to);
    server.distinguished_name = named(names.first().map_or("LISA serve API", String::as_str));
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let certificate = server.signed_by(&key, &issuer)?;
    Ok(Identity { authority: signed_itself.pem(), certificate: certificate.pem(), key: key.serialize_pem() })
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    // Names of subjects have at most 64 characters; the DNS names that count stand elsewhere.
    names.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    names
}

/// Good from the beginning of one moment's day to that of another's, in UTC.
fn good_for(mut params: CertificateParams, from: SystemTime, to: SystemTime) -> CertificateParams {
    let [(year, month, day), (last_year, last_month, last_day)] = [from, to].map(date);
    params.not_before = date_time_ymd(year, month, day);
    params.not_after = date_time_ymd(last_year, last_month, last_day);
    params
}

fn date(time: SystemTime) -> (i32, u8, u8) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let stamp = i64::try_from(since).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    let date = stamp.unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date();
    (date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
}

//! Environment variables that `lisa` reads, all of them.

use std::ffi::OsString;
use std::time::{SystemTime, UNIX_EPOCH};

use lisa_config::Overrides;
use lisa_policy::Date;

use crate::failure::Failure;

/// Selects the environment block; `--env` wins over it.
pub(crate) const ENV: &str = "ENV";
/// Overrides `profile`.
pub(crate) const PROFILE: &str = "PROFILE";
/// Overrides `deploymentName`.
pub(crate) const DEPLOYMENT_NAME: &str = "DEPLOYMENT_NAME";
/// Overrides `accountNumber`.
pub(crate) const ACCOUNT_NUMBER: &str = "ACCOUNT_NUMBER";
/// Overrides `region`.
pub(crate) const REGION: &str = "REGION";
/// Seconds since 1970 that stand for now, as reproducible builds have it: the day that waivers are judged on.
pub(crate) const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// The table of `lisa --help`.
pub(crate) const HELP: &str = "  ENV                environment block of the config, as --env
  PROFILE            instead of `profile`
  DEPLOYMENT_NAME    instead of `deploymentName`
  ACCOUNT_NUMBER     instead of `accountNumber`
  REGION             instead of `region`
  LISA_API_URL       URL of the REST API, as --url
  LISA_TOKEN         token for the REST API, as --token
  NO_COLOR           no colour, whatever its value
  SOURCE_DATE_EPOCH  the time that waivers are judged at";

/// What the environment and `--env` say instead of the file.
pub(crate) fn overrides(env: Option<&str>) -> Overrides {
    Overrides {
        env: env.map(str::to_owned).or_else(|| variable(ENV)),
        profile: variable(PROFILE),
        deployment_name: variable(DEPLOYMENT_NAME),
        account_number: variable(ACCOUNT_NUMBER),
        region: variable(REGION),
    }
}

/// Today in UTC.
pub(crate) fn today() -> Result<Date, Failure> {
    let seconds = match variable(SOURCE_DATE_EPOCH).filter(|text| !text.is_empty()) {
        Some(text) => text.parse().ok(),
        None => SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs()),
    };
    seconds.and_then(day).ok_or_else(|| {
        let help =
            format!("Unset `{SOURCE_DATE_EPOCH}`, or give it the seconds since 1970 as a whole number.");
        Failure::usage("what day it is cannot be told", help)
    })
}

/// A variable's text; a byte that is not UTF-8 becomes a mark that every rule refuses.
fn variable(name: &str) -> Option<String> {
    let value: OsString = std::env::var_os(name)?;
    Some(value.to_string_lossy().into_owned())
}

/// The day of a second since 1970, by the arithmetic of the proleptic Gregorian calendar with years from March.
fn day(seconds: u64) -> Option<Date> {
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    Date::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_798_761_599, "2026-12-31"),
            (1_798_761_600, "2027-01-01"),
        ] {
            assert_eq!(day(seconds).unwrap().to_string(), expected, "{seconds}");
        }
    }
}

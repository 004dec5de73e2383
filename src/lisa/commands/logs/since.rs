//! A time back from now, such as `10m`.

use std::str::FromStr;
use std::time::Duration;

/// How far back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Since(pub(crate) Duration);

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "a number and `s`, `m`, `h` or `d` is expected, such as `10m`".to_owned();
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
        let seconds: u64 = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return Err(wrong()),
        };
        let number: u32 = number.parse().map_err(|_| wrong())?;
        Ok(Self(Duration::from_secs(u64::from(number) * seconds)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Since;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        assert_eq!("2h".parse(), Ok(Since(Duration::from_hours(2))));
        assert_eq!("0s".parse(), Ok(Since(Duration::ZERO)));
        for wrong in ["", "h", "2", "-1m", "2 h", "1w", "2ü"] {
            assert!(wrong.parse::<Since>().is_err(), "{wrong}");
        }
    }
}

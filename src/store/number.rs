//! Numbers as every table keeps them: whole ones whole, no more digits than both databases hold.

use serde_json::{Number, Value};

/// The largest number that DynamoDB takes.
const LARGEST: f64 = 9.9e125;

/// The smallest number above zero that DynamoDB takes.
const SMALLEST: f64 = 1e-130;

/// Rewrites every number in a value in its one form; the error says what cannot be kept.
pub(crate) fn normalize(value: &mut Value) -> Result<(), String> {
    match value {
        Value::Number(number) => *number = normal(number)?,
        Value::Array(values) => values.iter_mut().try_for_each(normalize)?,
        Value::Object(fields) => fields.values_mut().try_for_each(normalize)?,
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
    Ok(())
}

fn normal(number: &Number) -> Result<Number, String> {
    if number.is_i64() || number.is_u64() {
        return Ok(number.clone());
    }
    let size = number.as_f64().unwrap_or(f64::INFINITY).abs();
    if size > LARGEST || (size > 0.0 && size < SMALLEST) {
        return Err(format!("the number {number} cannot be kept"));
    }
    parse(&written(number)).ok_or_else(|| format!("the number {number} cannot be kept"))
}

/// A number as it is sent to DynamoDB: without an exponent, as far as that is short.
pub(crate) fn written(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() && value.abs() < 1e21 && value.abs() >= 1e-7 => value.to_string(),
        Some(0.0) if number.is_f64() => "0".to_owned(),
        _ => number.to_string(),
    }
}

/// A number as DynamoDB or [`written`] spells it.
pub(crate) fn parse(text: &str) -> Option<Number> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = text.parse::<u64>() {
        return Some(whole.into());
    }
    let value: f64 = text.parse().ok()?;
    let whole = value.to_string();
    if let Ok(whole) = whole.parse::<i64>() {
        return Some(whole.into());
    }
    Number::from_f64(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::normalize;

    #[test]
    fn whole_numbers_are_whole() {
        let mut value = json!({ "a": [1.0, 2.5, -0.0, 1e3, u64::MAX, i64::MIN], "b": 0.1 });
        normalize(&mut value).unwrap();
        assert_eq!(
            value.to_string(),
            r#"{"a":[1,2.5,0,1000,18446744073709551615,-9223372036854775808],"b":0.1}"#
        );
    }

    #[test]
    fn what_dynamodb_would_refuse_is_refused() {
        for number in [1e126, -1e200, 1e-131] {
            assert!(normalize(&mut json!([number])).unwrap_err().contains("cannot be kept"));
        }
    }
}

//! A config's text moved to another region: regions and zones, partitions of ARNs, and host names of AWS follow.

use lisa_names::{Partition, Region};

/// The text with everything that names a region or a partition rewritten to that of `region`.
///
/// The text is taken as it is, so that comments, anchors and spelling stay as their author wrote them.
pub fn relocate(text: &str, region: &Region) -> String {
    let text = regions(text, region);
    let text = Partition::ALL.into_iter().fold(text, |text, partition| hosts(&text, partition, region));
    partitions(&text, region.partition())
}

/// Names of regions, alone and in zones, ARNs and host names.
fn regions(text: &str, region: &Region) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    words(text, is_part, |_, word| {
        // A zone is its region and a letter.
        let zone = word.strip_suffix(|last: char| last.is_ascii_lowercase());
        let named = [Some(word), zone].into_iter().flatten().find(|name| Region::new(name).is_ok())?;
        Some(format!("{region}{}", &word[named.len()..]))
    })
}

/// Host names that end as those of `partition` do.
fn hosts(text: &str, partition: Partition, region: &Region) -> String {
    let [from, to] = [partition, region.partition()].map(Partition::dns_suffix);
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    words(text, is_part, |_, word| {
        let host = word.strip_suffix(from).filter(|host| host.is_empty() || host.ends_with('.'))?;
        Some(format!("{host}{to}"))
    })
}

/// The names of partitions, where one is meant: `aws` is a word of its own, too.
fn partitions(text: &str, partition: Partition) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    words(text, is_part, |before, word| {
        let key = before.trim_end_matches([' ', '"', ':']);
        let is_meant = key.ends_with("arn") || key.ends_with("partition");
        let is_known = Partition::ALL.into_iter().any(|known| known.id() == word);
        (is_meant && is_known).then(|| partition.id().to_owned())
    })
}

/// The text with words replaced, where a word is a longest run of characters that can be part of one. `replace` gets
/// what stands before it, too.
fn words(
    text: &str,
    is_part: impl Fn(char) -> bool,
    replace: impl Fn(&str, &str) -> Option<String>,
) -> String {
    let mut moved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(&is_part) {
        moved.push_str(&rest[..start]);
        let tail = &rest[start..];
        let (word, after) = tail.split_at(tail.find(|c| !is_part(c)).unwrap_or(tail.len()));
        let before = &text[..text.len() - tail.len()];
        moved.push_str(&replace(before, word).unwrap_or_else(|| word.to_owned()));
        rest = after;
    }
    moved.push_str(rest);
    moved
}

#[cfg(test)]
mod tests {
    use super::relocate;
    use lisa_names::Region;

    #[test]
    fn everything_that_names_the_place_is_moved() {
        let text = "\
# Two zones of us-iso-east-1.
region: us-iso-east-1
partition: aws-iso
domain: c2s.ic.gov
zone: us-iso-east-1b
role: arn:aws-iso:iam::123456789012:role/aws-reader
image: 123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov/engine:1
policy: arn:aws:iam::aws:policy/ReadOnlyAccess
other: deploy-to-aws.example.com, eu-east-9
";
        let moved = "\
# Two zones of cn-north-1.
region: cn-north-1
partition: aws-cn
domain: amazonaws.com.cn
zone: cn-north-1b
role: arn:aws-cn:iam::123456789012:role/aws-reader
image: 123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/engine:1
policy: arn:aws-cn:iam::aws:policy/ReadOnlyAccess
other: deploy-to-aws.example.com, cn-north-1
";
        assert_eq!(relocate(text, &Region::new("cn-north-1").unwrap()), moved);
    }
}

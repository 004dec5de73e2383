//! Blocks of IP addresses: which contains which, and which are of private networks.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cidr {
    address: IpAddr,
    length: u8,
}

/// Networks that no route on the internet leads to (RFC 1918, RFC 6598, RFC 4193, link-local, loopback).
const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];

impl Cidr {
    /// Whether every address of `other` is one of this block.
    pub(super) fn contains(&self, other: &Self) -> bool {
        let same_family = self.address.is_ipv4() == other.address.is_ipv4();
        same_family
            && self.length <= other.length
            && self.network() == cut(bits(other.address), self.length, self.width())
    }

    /// Whether it is every address there is.
    pub(super) fn is_everything(&self) -> bool {
        self.length == 0
    }

    /// Whether it has addresses of the internet.
    pub(super) fn is_public(&self) -> bool {
        !PRIVATE.iter().filter_map(|block| block.parse::<Self>().ok()).any(|block| block.contains(self))
    }

    fn width(&self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    fn network(&self) -> u128 {
        cut(bits(self.address), self.length, self.width())
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The first `length` of `width` bits.
fn cut(bits: u128, length: u8, width: u8) -> u128 {
    let rest = u32::from(width.saturating_sub(length));
    bits.checked_shr(rest).unwrap_or(0)
}

impl FromStr for Cidr {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, length) = text.split_once('/').ok_or(())?;
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let length: u8 = length.parse().map_err(|_| ())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        if length <= most { Ok(Self { address, length }) } else { Err(()) }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

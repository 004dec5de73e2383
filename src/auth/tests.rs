//! Good tokens pass, and everything else is refused.

mod access;
mod api_tokens;
mod negative;
mod provider;
mod rotation;

//! The gateway as a program on loopback: what the official clients see of it, what it prints to a stranger, and what the
//! real LiteLLM makes of the same requests.

mod clients;
mod litellm;
mod local;
mod mock;

//! The gateway as a program: what the official clients see of it, what it prints to a stranger, what it does with a
//! deployment's tables, and what the real LiteLLM makes of the same requests.

mod clients;
mod deployed;
mod litellm;
mod local;
mod mock;

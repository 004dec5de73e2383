//! The gateway as a program: what the official clients see of it, what it prints to a stranger, what it does with a
//! deployment's tables, what a real model says behind it, and what LiteLLM and OpenTelemetry make of the same.

mod clients;
mod deployed;
mod engine;
mod litellm;
mod local;
mod mock;
mod traces;

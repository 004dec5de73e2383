//! vLLM's arguments: which variable of a model's environment stands for which, and which versions know it.
//!
//! Sources: `vllm/engine/arg_utils.py` of vLLM 0.7 (commit 001999d2f360) and 0.11 (commit 99d7eb5d6a51), and the page
//! "Engine Arguments" of the documentation of 0.4.2, 0.5.3, 0.6.3, 0.6.6, 0.8.1 and 0.8.5. A bound stands only where one
//! of these is seen to lack the argument, so that none is refused that may be there. Names of variables are upstream's
//! form: `VLLM_` and the argument.

/// A version of vLLM, without its patch: 0.6 is `(0, 6)`.
type Version = (u32, u32);

/// An argument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Argument {
    /// The variable of the environment.
    pub(super) variable: &'static str,
    /// The argument on the command line. Where the variable is `true` it is given without a value.
    pub(super) flag: &'static str,
    /// All versions before this one are seen to lack it.
    since: Option<Version>,
    /// All versions after this one lack it.
    until: Option<Version>,
}

const fn argument(variable: &'static str, flag: &'static str) -> Argument {
    Argument { variable, flag, since: None, until: None }
}

impl Argument {
    const fn since(mut self, major: u32, minor: u32) -> Self {
        self.since = Some((major, minor));
        self
    }

    const fn until(mut self, major: u32, minor: u32) -> Self {
        self.until = Some((major, minor));
        self
    }

    /// Which versions have it, in words, if the one of an image is known not to.
    pub(super) fn unfit(&self, version: Version) -> Option<String> {
        match (self.since, self.until) {
            (Some((major, minor)), _) if version < (major, minor) => {
                Some(format!("vLLM {major}.{minor} or later"))
            }
            (_, Some((major, minor))) if version > (major, minor) => {
                Some(format!("vLLM {major}.{minor} or earlier"))
            }
            _ => None,
        }
    }
}

/// Every argument that a variable stands for, sorted by variable.
pub(super) const ARGUMENTS: &[Argument] = &[
    argument("MAX_TOTAL_TOKENS", "--max-model-len"),
    argument("QUANTIZE", "--quantization"),
    argument("VLLM_ASYNC_SCHEDULING", "--async-scheduling").since(0, 8),
    argument("VLLM_BLOCK_SIZE", "--block-size"),
    argument("VLLM_CHAT_TEMPLATE", "--chat-template"),
    argument("VLLM_CONFIG_FORMAT", "--config-format").since(0, 6),
    argument("VLLM_CPU_OFFLOAD_GB", "--cpu-offload-gb").since(0, 5),
    argument("VLLM_DATA_PARALLEL_SIZE", "--data-parallel-size").since(0, 8),
    argument("VLLM_DISABLE_CUSTOM_ALL_REDUCE", "--disable-custom-all-reduce"),
    argument("VLLM_DISABLE_LOG_STATS", "--disable-log-stats"),
    argument("VLLM_DISABLE_SLIDING_WINDOW", "--disable-sliding-window"),
    argument("VLLM_DISTRIBUTED_EXECUTOR_BACKEND", "--distributed-executor-backend").since(0, 5),
    argument("VLLM_DTYPE", "--dtype"),
    argument("VLLM_ENABLE_AUTO_TOOL_CHOICE", "--enable-auto-tool-choice"),
    argument("VLLM_ENABLE_CHUNKED_PREFILL", "--enable-chunked-prefill"),
    argument("VLLM_ENABLE_EXPERT_PARALLEL", "--enable-expert-parallel").since(0, 8),
    argument("VLLM_ENABLE_LORA", "--enable-lora"),
    argument("VLLM_ENABLE_PREFIX_CACHING", "--enable-prefix-caching"),
    argument("VLLM_ENFORCE_EAGER", "--enforce-eager"),
    argument("VLLM_FULLY_SHARDED_LORAS", "--fully-sharded-loras"),
    argument("VLLM_GENERATION_CONFIG", "--generation-config"),
    argument("VLLM_GPU_MEMORY_UTILIZATION", "--gpu-memory-utilization"),
    argument("VLLM_GUIDED_DECODING_BACKEND", "--guided-decoding-backend").until(0, 11),
    argument("VLLM_HF_OVERRIDES", "--hf-overrides"),
    argument("VLLM_KV_CACHE_DTYPE", "--kv-cache-dtype"),
    argument("VLLM_LIMIT_MM_PER_PROMPT", "--limit-mm-per-prompt"),
    argument("VLLM_LOAD_FORMAT", "--load-format"),
    argument("VLLM_LOGPROBS_MODE", "--logprobs-mode").since(0, 8),
    argument("VLLM_LORA_DTYPE", "--lora-dtype"),
    argument("VLLM_MAX_CPU_LORAS", "--max-cpu-loras"),
    argument("VLLM_MAX_LOGPROBS", "--max-logprobs"),
    argument("VLLM_MAX_LORAS", "--max-loras"),
    argument("VLLM_MAX_LORA_RANK", "--max-lora-rank"),
    argument("VLLM_MAX_MODEL_LEN", "--max-model-len"),
    argument("VLLM_MAX_NUM_BATCHED_TOKENS", "--max-num-batched-tokens"),
    argument("VLLM_MAX_NUM_SEQS", "--max-num-seqs"),
    argument("VLLM_MAX_PARALLEL_LOADING_WORKERS", "--max-parallel-loading-workers"),
    argument("VLLM_MM_PROCESSOR_KWARGS", "--mm-processor-kwargs"),
    argument("VLLM_MODEL_IMPL", "--model-impl").since(0, 7),
    argument("VLLM_NUM_SCHEDULER_STEPS", "--num-scheduler-steps"),
    argument("VLLM_OVERRIDE_GENERATION_CONFIG", "--override-generation-config"),
    argument("VLLM_PIPELINE_PARALLEL_SIZE", "--pipeline-parallel-size"),
    argument("VLLM_QUANTIZATION", "--quantization"),
    argument("VLLM_REASONING_PARSER", "--reasoning-parser"),
    argument("VLLM_ROPE_SCALING", "--rope-scaling"),
    argument("VLLM_ROPE_THETA", "--rope-theta"),
    argument("VLLM_SEED", "--seed"),
    argument("VLLM_SWAP_SPACE", "--swap-space"),
    argument("VLLM_TENSOR_PARALLEL_SIZE", "--tensor-parallel-size"),
    argument("VLLM_TOKENIZER_MODE", "--tokenizer-mode"),
    argument("VLLM_TOOL_CALL_PARSER", "--tool-call-parser"),
    argument("VLLM_TRUST_REMOTE_CODE", "--trust-remote-code"),
    argument("VLLM_USE_TQDM_ON_LOAD", "--use-tqdm-on-load").since(0, 8),
];

/// The version in an image's tag: `vllm/vllm-openai:v0.6.3.post1` has 0.6. None where the tag tells none.
pub(super) fn version(reference: &str) -> Option<Version> {
    let (_, tag) = reference.split('@').next()?.rsplit_once(':')?;
    let mut numbers = tag.trim_start_matches('v').split(['.', '-']);
    let (major, minor) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_stands_once_and_in_its_place() {
        assert!(ARGUMENTS.is_sorted_by(|one, other| one.variable < other.variable));
        assert!(ARGUMENTS.iter().all(|argument| argument.flag.starts_with("--")));
    }

    #[test]
    fn versions_are_read_from_tags() {
        assert_eq!(version("vllm/vllm-openai:v0.6.3.post1"), Some((0, 6)));
        assert_eq!(version("1.dkr.ecr.us-east-1.amazonaws.com/vllm:0.11.0-gpu@sha256:00"), Some((0, 11)));
        assert_eq!(version("vllm/vllm-openai:latest"), None);
        assert_eq!(version("localhost:5000/vllm"), None);
    }

    #[test]
    fn an_argument_of_another_version_is_told() {
        let of = |variable: &str| ARGUMENTS.iter().find(|argument| argument.variable == variable).unwrap();
        assert_eq!(of("VLLM_MODEL_IMPL").unfit((0, 6)).as_deref(), Some("vLLM 0.7 or later"));
        assert_eq!(
            of("VLLM_GUIDED_DECODING_BACKEND").unfit((0, 12)).as_deref(),
            Some("vLLM 0.11 or earlier")
        );
        assert_eq!(of("VLLM_DTYPE").unfit((0, 4)), None);
    }
}

//! The providers that models lie with: how each is spoken to, and where it is reached if nothing else is said.
//!
//! Names, base URLs and who takes `stream_options` are those of LiteLLM 1.106.2.

/// How a provider is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// OpenAI's protocol, byte for byte.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Amazon Bedrock: Converse, and the embeddings of its models.
    Bedrock,
    /// An Amazon SageMaker endpoint with TGI's protocol.
    SageMaker,
    /// An Amazon SageMaker endpoint with OpenAI's protocol.
    SageMakerChat,
    /// None that the gateway speaks: the LiteLLM proxy does.
    Proxy,
}

/// A provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name, which stands before the first slash of `model`.
    pub name: &'static str,
    /// How it is spoken to.
    pub wire: Wire,
    /// Its base URL; none where each installation has one of its own.
    pub base: Option<&'static str>,
    /// The environment variable of its key.
    pub key: Option<&'static str>,
    /// Whether `stream_options` asks it for the usage of a stream; others may refuse a request that has them.
    pub stream_options: bool,
}

const fn own(name: &'static str) -> Provider {
    Provider { name, wire: Wire::OpenAi, base: None, key: None, stream_options: true }
}

const fn public(name: &'static str, base: &'static str, key: &'static str) -> Provider {
    Provider { base: Some(base), key: Some(key), ..own(name) }
}

/// One that LiteLLM sends no `stream_options`.
const fn plain(provider: Provider) -> Provider {
    Provider { stream_options: false, ..provider }
}

const fn other(name: &'static str, wire: Wire) -> Provider {
    plain(Provider { wire, ..own(name) })
}

/// The proxy itself takes `stream_options`, whatever it makes of them.
const fn proxied(name: &'static str) -> Provider {
    Provider { wire: Wire::Proxy, ..own(name) }
}

/// OpenAI itself, which a model without a provider's name belongs to.
pub const OPENAI: Provider = public("openai", "https://api.openai.com/v1", "OPENAI_API_KEY");

/// Anthropic itself.
pub const ANTHROPIC: Provider = Provider {
    name: "anthropic",
    wire: Wire::Anthropic,
    base: Some("https://api.anthropic.com"),
    key: Some("ANTHROPIC_API_KEY"),
    stream_options: false,
};

/// Every provider that is known.
pub const ALL: &[Provider] = &[
    OPENAI,
    ANTHROPIC,
    other("bedrock", Wire::Bedrock),
    other("bedrock_converse", Wire::Bedrock),
    other("sagemaker", Wire::SageMaker),
    Provider { wire: Wire::SageMakerChat, ..own("sagemaker_chat") },
    own("aiohttp_openai"),
    own("custom_openai"),
    own("hosted_vllm"),
    plain(own("infinity")),
    own("litellm_proxy"),
    own("llamafile"),
    own("lm_studio"),
    own("openai_like"),
    own("text-completion-openai"),
    own("vllm"),
    plain(own("xinference")),
    plain(public("aiml", "https://api.aimlapi.com/v1", "AIML_API_KEY")),
    public("baseten", "https://inference.baseten.co/v1", "BASETEN_API_KEY"),
    plain(public("cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY")),
    public("dashscope", "https://dashscope.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY"),
    plain(public("deepinfra", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY")),
    public("deepseek", "https://api.deepseek.com/beta", "DEEPSEEK_API_KEY"),
    plain(public("featherless_ai", "https://api.featherless.ai/v1", "FEATHERLESS_AI_API_KEY")),
    public("fireworks_ai", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
    public("friendliai", "https://api.friendli.ai/serverless/v1", "FRIENDLI_TOKEN"),
    public("galadriel", "https://api.galadriel.com/v1", "GALADRIEL_API_KEY"),
    public("github", "https://models.inference.ai.azure.com", "GITHUB_API_KEY"),
    public("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    plain(public("hyperbolic", "https://api.hyperbolic.xyz/v1", "HYPERBOLIC_API_KEY")),
    public("inception", "https://api.inceptionlabs.ai/v1", "INCEPTION_API_KEY"),
    plain(public("jina_ai", "https://api.jina.ai/v1", "JINA_AI_API_KEY")),
    public("lambda_ai", "https://api.lambda.ai/v1", "LAMBDA_API_KEY"),
    public("meta_llama", "https://api.llama.com/compat/v1", "LLAMA_API_KEY"),
    plain(public("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY")),
    public("moonshot", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY"),
    plain(public("morph", "https://api.morphllm.com/v1", "MORPH_API_KEY")),
    public("nebius", "https://api.studio.nebius.ai/v1", "NEBIUS_API_KEY"),
    public("novita", "https://api.novita.ai/v3/openai", "NOVITA_API_KEY"),
    plain(public("nscale", "https://inference.api.nscale.com/v1", "NSCALE_API_KEY")),
    plain(public("nvidia_nim", "https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_KEY")),
    public("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    plain(public("perplexity", "https://api.perplexity.ai", "PERPLEXITYAI_API_KEY")),
    public("sambanova", "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"),
    public("scaleway", "https://api.scaleway.ai/v1", "SCW_SECRET_KEY"),
    public("together_ai", "https://api.together.ai/v1", "TOGETHERAI_API_KEY"),
    plain(public("v0", "https://api.v0.dev/v1", "V0_API_KEY")),
    public("volcengine", "https://ark.cn-beijing.volces.com/api/v3", "VOLCENGINE_API_KEY"),
    public("xai", "https://api.x.ai/v1", "XAI_API_KEY"),
    public("zai", "https://api.z.ai/api/paas/v4", "ZAI_API_KEY"),
    proxied("ai21"),
    proxied("ai21_chat"),
    proxied("azure"),
    proxied("azure_ai"),
    proxied("azure_text"),
    proxied("clarifai"),
    proxied("cloudflare"),
    proxied("codestral"),
    proxied("cohere"),
    proxied("cohere_chat"),
    proxied("databricks"),
    proxied("gemini"),
    proxied("gigachat"),
    proxied("huggingface"),
    proxied("maritalk"),
    proxied("nlp_cloud"),
    proxied("nvidia_riva"),
    proxied("oci"),
    proxied("ollama"),
    proxied("ollama_chat"),
    proxied("oobabooga"),
    proxied("petals"),
    proxied("predibase"),
    proxied("replicate"),
    proxied("sap"),
    proxied("snowflake"),
    proxied("triton"),
    proxied("vertex_ai"),
    proxied("vertex_ai_beta"),
    proxied("voyage"),
    proxied("watsonx"),
    proxied("watsonx_text"),
];

/// The provider of this name.
pub fn find(name: &str) -> Option<&'static Provider> {
    ALL.iter().find(|provider| provider.name == name)
}

/// The provider of a model and the model's name there: `given` is `custom_llm_provider`.
///
/// A name without a provider that is known is OpenAI's, or belongs to the server at `api_base`; LiteLLM takes it so, too.
pub fn of<'a>(model: &'a str, given: Option<&str>) -> (&'static Provider, &'a str) {
    let split = model.split_once('/').and_then(|(name, rest)| Some((find(name)?, rest)));
    let split = match (given.and_then(find), split) {
        (Some(given), Some((named, rest))) if given.name == named.name => Some((given, rest)),
        (Some(given), _) => Some((given, model)),
        (None, split) => split,
    };
    split.unwrap_or_else(|| if model.starts_with("claude") { (&ANTHROPIC, model) } else { (&OPENAI, model) })
}

//! A real small model behind the gateway: SmolLM2 answers the official client, whole and in pieces.

use anyhow::{Result, ensure};
use lisa_testkit::{Engine, Tool};

use super::local::Gateway;

const SCRIPT: &str = "
import openai
client = openai.OpenAI(max_retries=0)
question = [{'role': 'user', 'content': 'What is the capital of France?'}]
asked = dict(model='small', messages=question, max_tokens=16)
whole = client.chat.completions.create(**asked)
assert 'Paris' in whole.choices[0].message.content, whole
assert whole.usage.completion_tokens > 0, whole
pieces = [chunk.choices[0].delta.content or '' for chunk in client.chat.completions.create(stream=True, **asked) if chunk.choices]
assert len(pieces) > 4 and ''.join(pieces) == whole.choices[0].message.content, pieces
vectors = client.embeddings.create(model='vectors', input=['How do I reset my password?', 'Bananas are rich in potassium']).data
assert [len(vector.embedding) for vector in vectors] == [384, 384]
print(whole.choices[0].message.content)
";

#[test]
fn a_real_model_answers_behind_the_gateway() -> Result<()> {
    let engine = Engine::start()?;
    let [chat, embed] = ["small", "vectors"].map(|name| format!("{name}={}/v1", engine.url()));
    let gateway = Gateway::start(&["--model", &chat, "--model", &embed], &[])?;
    let mut command = Tool::ClientPython.command()?;
    command.args(["-c", SCRIPT]).env("OPENAI_BASE_URL", gateway.url()).env("OPENAI_API_KEY", &gateway.key);
    let output = command.output()?;
    let [said, told] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    ensure!(output.status.success() && said.contains("Paris"), "{said}\n{told}\n{}", gateway.log());
    // The tokens of each answer are in the log, the stream's too, though its caller asked for none.
    let log = gateway.log();
    let counted =
        log.lines().filter(|line| line.contains("\"model\":\"small\"") && line.contains("completion_tokens"));
    ensure!(counted.count() == 2, "{log}");
    Ok(())
}

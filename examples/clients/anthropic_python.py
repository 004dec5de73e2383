"""The official Anthropic client: messages, streaming and tools, translated for models that speak OpenAI's protocol.

    pip install anthropic
    export ANTHROPIC_BASE_URL=http://127.0.0.1:8080/v2/serve/anthropic ANTHROPIC_API_KEY=sk-lisa-...
    python anthropic_python.py
"""

import os

import anthropic

CHAT = os.environ.get("LISA_CHAT_MODEL", "fixture-chat")
HELLO = [{"role": "user", "content": "Hello"}]

client = anthropic.Anthropic()  # reads ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY

answer = client.messages.create(model=CHAT, max_tokens=100, messages=HELLO)
print("messages:", answer.content[0].text)
assert answer.stop_reason == "end_turn" and answer.usage.output_tokens > 0

with client.messages.stream(model=CHAT, max_tokens=100, messages=HELLO) as stream:
    words = list(stream.text_stream)
    final = stream.get_final_message()
print("streaming:", "".join(words))
assert len(words) > 1 and final.content[0].text == "".join(words)

weather = {"name": "weather", "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}}}
asked = client.messages.create(
    model=CHAT, max_tokens=100, tools=[weather], messages=[{"role": "user", "content": "The weather in Paris?"}]
)
call = next(block for block in asked.content if block.type == "tool_use")
print("tools:", call.name, call.input)
assert asked.stop_reason == "tool_use"

try:
    client.messages.create(model="no-such-model", max_tokens=1, messages=HELLO)
    raise AssertionError("an unknown model was answered for")
except anthropic.NotFoundError as error:
    print("errors:", error.body["error"]["type"])

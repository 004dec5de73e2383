"""The official OpenAI client for Python: chat, streaming, tools, JSON mode, embeddings, models, errors.

    pip install openai
    export OPENAI_BASE_URL=http://127.0.0.1:8080/v2/serve OPENAI_API_KEY=sk-lisa-...
    python openai_python.py

LISA_CHAT_MODEL and LISA_EMBEDDING_MODEL name the models that are asked; without, they are the built-in fixtures.
"""

import json
import os

import openai

CHAT = os.environ.get("LISA_CHAT_MODEL", "fixture-chat")
EMBEDDING = os.environ.get("LISA_EMBEDDING_MODEL", "fixture-embed")
HELLO = [{"role": "user", "content": "Hello"}]

client = openai.OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY


def chat() -> None:
    answer = client.chat.completions.create(model=CHAT, messages=HELLO)
    print("chat:", answer.choices[0].message.content)
    assert answer.choices[0].message.content and answer.usage.total_tokens > 0


def streaming() -> None:
    stream = client.chat.completions.create(
        model=CHAT, messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    words, usage = [], None
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            words.append(chunk.choices[0].delta.content)
        usage = chunk.usage or usage
    print("streaming:", "".join(words))
    assert len(words) > 1 and usage.completion_tokens > 0


def tools() -> None:
    weather = {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {"type": "object", "properties": {"text": {"type": "string"}}},
        },
    }
    messages = [{"role": "user", "content": "What is the weather in Paris?"}]
    asked = client.chat.completions.create(model=CHAT, messages=messages, tools=[weather])
    call = asked.choices[0].message.tool_calls[0]
    arguments = json.loads(call.function.arguments)
    print("tools:", call.function.name, arguments)
    assert asked.choices[0].finish_reason == "tool_calls"
    messages += [asked.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "Sunny"}]
    answer = client.chat.completions.create(model=CHAT, messages=messages, tools=[weather])
    assert answer.choices[0].message.content


def json_mode() -> None:
    answer = client.chat.completions.create(
        model=CHAT, messages=HELLO, response_format={"type": "json_object"}
    )
    print("JSON mode:", json.loads(answer.choices[0].message.content))


def embeddings() -> None:
    answer = client.embeddings.create(model=EMBEDDING, input=["one text", "another text", "one text"])
    first, second, third = (item.embedding for item in answer.data)
    print("embeddings:", len(first), "numbers")
    assert first == third != second


def models() -> None:
    names = [model.id for model in client.models.list()]
    print("models:", ", ".join(names))
    assert {CHAT, EMBEDDING} <= set(names)
    assert client.models.retrieve(CHAT).id == CHAT


def errors() -> None:
    try:
        client.chat.completions.create(model="no-such-model", messages=HELLO)
        raise AssertionError("an unknown model was answered for")
    except openai.NotFoundError as error:
        print("errors:", error.code, "-", error.body["message"])
        assert error.code == "model_not_found" and error.request_id
    try:
        client.with_options(api_key="wrong").models.list()
        raise AssertionError("a wrong key was taken")
    except openai.AuthenticationError as error:
        assert error.code == "invalid_api_key"
    try:
        client.with_options(max_retries=0).chat.completions.create(model=7, messages=HELLO)
        raise AssertionError("a model that is a number was taken")
    except openai.BadRequestError as error:
        assert error.type == "invalid_request_error"


if __name__ == "__main__":
    for step in (chat, streaming, tools, json_mode, embeddings, models, errors):
        step()

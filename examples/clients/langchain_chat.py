"""LangChain's ChatOpenAI and OpenAIEmbeddings.

    pip install langchain-openai
    export OPENAI_BASE_URL=http://127.0.0.1:8080/v2/serve OPENAI_API_KEY=sk-lisa-...
    python langchain_chat.py
"""

import os

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

CHAT = os.environ.get("LISA_CHAT_MODEL", "fixture-chat")
EMBEDDING = os.environ.get("LISA_EMBEDDING_MODEL", "fixture-embed")


@tool
def weather(text: str) -> str:
    """Tells the weather."""
    return f"Sunny, as to {text}"


model = ChatOpenAI(model=CHAT, base_url=os.environ["OPENAI_BASE_URL"])
answer = model.invoke("Hello")
print("chat:", answer.content)
assert answer.content and answer.usage_metadata["total_tokens"] > 0

words = [chunk.content for chunk in model.stream("Hello")]
print("streaming:", "".join(words))
assert len(words) > 2

asked = model.bind_tools([weather]).invoke("What is the weather in Paris?")
print("tools:", asked.tool_calls[0]["name"], asked.tool_calls[0]["args"])
assert weather.invoke(asked.tool_calls[0]["args"]).startswith("Sunny")

# `check_embedding_ctx_length` would ask OpenAI's own tokenizer, which has to be downloaded.
embeddings = OpenAIEmbeddings(
    model=EMBEDDING, base_url=os.environ["OPENAI_BASE_URL"], check_embedding_ctx_length=False
)
first, second = embeddings.embed_documents(["one text", "another text"])
print("embeddings:", len(first), "numbers")
assert len(first) == len(second) and first != second

// A chat completion: the request that a conversation makes, and the events of its answer.

import { createParser } from "eventsource-parser";
import { serve } from "./request.ts";

export type Content = string | ({ type: "text"; text: string } | { type: "image_url"; image_url: { url: string } })[];

export interface ChatMessage {
  role: "system" | "user" | "assistant";
  content: Content;
}

/** Parameters in OpenAI's names; what is not set is left to the model. */
export interface Parameters {
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  seed?: number;
  n?: number;
  stop?: string[];
  reasoning_effort?: "low" | "medium" | "high";
}

export interface ChatRequest extends Parameters {
  model: string;
  messages: ChatMessage[];
  stream: boolean;
  stream_options?: { include_usage: true };
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
}

/** A piece of an answer. */
export interface Piece {
  text?: string;
  reasoning?: string;
  usage?: Usage;
  finish?: string;
}

interface Chunk {
  choices?: {
    delta?: { content?: string | null; reasoning_content?: string | null; reasoning?: string | null };
    message?: { content?: string | null; reasoning_content?: string | null; reasoning?: string | null };
    finish_reason?: string | null;
  }[];
  usage?: Usage | null;
  error?: { message?: string } | string;
}

/** Asks a model. Every piece is told as it comes; aborting `signal` closes the connection and so stops the model. */
export async function complete(request: ChatRequest, signal: AbortSignal, tell: (piece: Piece) => void): Promise<void> {
  const response = await serve("/chat/completions", { method: "POST", body: request, signal });
  if (!request.stream || !response.headers.get("content-type")?.includes("event-stream")) {
    tell(piece((await response.json()) as Chunk));
    return;
  }
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data !== "[DONE]") tell(piece(JSON.parse(data) as Chunk));
    },
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parser.feed(decoder.decode(value, { stream: true }));
  }
}

function piece(chunk: Chunk): Piece {
  if (chunk.error) {
    throw new Error(typeof chunk.error === "string" ? chunk.error : (chunk.error.message ?? JSON.stringify(chunk.error)));
  }
  const choice = chunk.choices?.[0];
  const said = choice?.delta ?? choice?.message;
  const reasoning = said?.reasoning_content ?? said?.reasoning;
  return {
    ...(said?.content ? { text: said.content } : {}),
    ...(reasoning ? { reasoning } : {}),
    ...(chunk.usage ? { usage: chunk.usage } : {}),
    ...(choice?.finish_reason ? { finish: choice.finish_reason } : {}),
  };
}

// A server of models of the test's own: it answers in OpenAI's form, slowly where asked to, and knows when its caller went.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SHOWPIECE } from "./showpiece.ts";

interface Asked {
  stream?: boolean;
  messages: { role: string; content: string | { type: string; text?: string }[] }[];
}

export class ModelServer {
  private server: Server | null = null;
  /** When a caller closed its connection before the answer had ended, as milliseconds since 1970. */
  abandoned: number[] = [];
  /** Bodies of the requests so far. */
  asked: Asked[] = [];

  /** The names of the models that it lists; it answers for any. */
  constructor(private readonly models: string[] = ["tale"]) {}

  async listen(port = 0): Promise<string> {
    this.server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve) => this.server?.listen(port, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "GET") {
      response.setHeader("content-type", "application/json").end(JSON.stringify({ object: "list", data: this.models.map((id) => ({ id, object: "model" })) }));
      return;
    }
    let text = "";
    for await (const part of request) text += String(part);
    if (request.url?.endsWith("/embeddings")) {
      const { input } = JSON.parse(text) as { input: string | string[] };
      const data = [input].flat().map((words, index) => ({ object: "embedding", index, embedding: vectorOf(words) }));
      response.setHeader("content-type", "application/json").end(JSON.stringify({ object: "list", model: "tale", data, usage: { prompt_tokens: 1, total_tokens: 1 } }));
      return;
    }
    const asked = JSON.parse(text) as Asked;
    this.asked.push(asked);
    const words = answerTo(asked).match(/\s*\S+\s*/g) ?? [];
    if (!asked.stream) {
      const message = { role: "assistant", content: words.join("") };
      response.setHeader("content-type", "application/json").end(JSON.stringify({ id: "x", object: "chat.completion", created: 1, model: "tale", choices: [{ index: 0, message, finish_reason: "stop" }], usage: { prompt_tokens: 12, completion_tokens: words.length, total_tokens: 12 + words.length } }));
      return;
    }
    await this.stream(words, /slow/.test(text) ? 60 : 4, response);
  }

  private async stream(words: string[], pace: number, response: ServerResponse): Promise<void> {
    let isGone = false;
    response.on("close", () => {
      isGone = !response.writableFinished;
      if (isGone) this.abandoned.push(Date.now());
    });
    response.writeHead(200, { "content-type": "text/event-stream" });
    const event = (data: object): boolean => response.write(`data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "tale", ...data })}\n\n`);
    event({ choices: [{ index: 0, delta: { role: "assistant", reasoning_content: "The question is short, so the answer may be short as well." } }] });
    for (const word of words) {
      if (isGone) return;
      event({ choices: [{ index: 0, delta: { content: word }, finish_reason: null }] });
      await new Promise((resolve) => setTimeout(resolve, pace));
    }
    event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
    event({ choices: [], usage: { prompt_tokens: 12, completion_tokens: words.length, total_tokens: 12 + words.length } });
    response.end("data: [DONE]\n\n");
  }
}

/** How often words fall into each of 64 places: texts that share words are near each other. */
function vectorOf(text: string): number[] {
  const vector = Array.from({ length: 64 }, () => 0);
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    const place = [...word].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % vector.length, 7);
    vector[place] = (vector[place] ?? 0) + 1;
  }
  return vector;
}

function answerTo({ messages }: Asked): string {
  const content = messages.at(-1)?.content ?? "";
  const question = typeof content === "string" ? content : content.map((part) => part.text ?? "").join(" ");
  if (/long tale/i.test(question)) return Array.from({ length: 400 }, (_, index) => `word-${index}`).join(" ");
  if (/night train/i.test(question) && messages[0]?.role === "system") return "The office in Ulm books night trains [1].";
  if (/show/i.test(question)) return SHOWPIECE;
  return `You asked: ${question}`;
}

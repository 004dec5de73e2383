// Colours for code, asked of a worker so that a large block never holds the page up.

import { ownScript } from "../parts/trusted.ts";
import workerUrl from "./highlight.worker.ts?worker&url";

/** A text, or spans of one kind: `keyword`, `string`. */
export type Span = string | { scope: string; spans: Span[] };

/** Longer code is shown plain. */
const LONGEST = 100_000;

let worker: Worker | null = null;
let asked = 0;
const waiting = new Map<number, (spans: Span[] | null) => void>();

/** Spans of a code; `null` for a language that is not known. */
export function highlighted(language: string, text: string): Promise<Span[] | null> {
  if (text.length > LONGEST || typeof Worker === "undefined") return Promise.resolve(null);
  if (!worker) {
    worker = new Worker(ownScript(workerUrl), { type: "module", name: "highlight" });
    worker.onmessage = (event: MessageEvent<{ id: number; spans: Span[] | null }>) => {
      waiting.get(event.data.id)?.(event.data.spans);
      waiting.delete(event.data.id);
    };
  }
  const id = ++asked;
  worker.postMessage({ id, language, text });
  return new Promise((resolve) => waiting.set(id, resolve));
}

// The highlighter's own thread: code in, a tree of spans out, no HTML in between.

import hljs from "highlight.js/lib/common";
import type { Span } from "./highlight.ts";

interface Node {
  scope?: string;
  children: (Node | string)[];
}

interface Asked {
  id: number;
  language: string;
  text: string;
}

const post = globalThis.postMessage as (message: unknown) => void;

globalThis.onmessage = (event: MessageEvent<Asked>) => {
  const { id, language, text } = event.data;
  post({ id, spans: hljs.getLanguage(language) ? spans(language, text) : null });
};

function spans(language: string, text: string): Span[] {
  const result = hljs.highlight(text, { language, ignoreIllegals: true });
  // The library keeps the tree that its HTML is made of here; it has no other name for it.
  const tree = result._emitter as unknown as { rootNode: Node };
  return tree.rootNode.children.map(span);
}

function span(node: Node | string): Span {
  if (typeof node === "string") return node;
  const scope = (node.scope ?? "").split(".")[0] ?? "";
  return { scope: scope.replace(/[^a-z-]/gi, ""), spans: node.children.map(span) };
}

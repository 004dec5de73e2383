// Three ways to draw an answer that grows, each drawn at every update: the page's, the page's elements with all of the
// text read again, and react-markdown with all of the text, as upstream does it.

import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import type { ReactNode } from "react";
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { Markdown } from "../markdown/Markdown.tsx";
import { MarkdownStream, parse } from "../markdown/stream.ts";

export type Way = "open end" | "all again" | "react-markdown";

declare global {
  interface Window {
    /** Draws an answer in pieces; the caller measures. */
    draw(way: Way, pieces: string[]): Promise<void>;
  }
}

// In a task of its own: what a debugger evaluates is not counted as script.
window.draw = (way, pieces) => new Promise((resolve) => setTimeout(() => resolve(draw(way, pieces))));

function draw(way: Way, pieces: string[]): void {
  const host = document.createElement("div");
  document.getElementById("root")?.replaceChildren(host);
  const root = createRoot(host);
  const stream = new MarkdownStream();
  let text = "";
  for (const piece of pieces) {
    text += piece;
    flushSync(() => root.render(view(way, piece, text, stream)));
  }
  root.unmount();
}

function view(way: Way, piece: string, text: string, stream: MarkdownStream): ReactNode {
  if (way === "react-markdown") return <ReactMarkdown remarkPlugins={[remarkGfm]}>{text}</ReactMarkdown>;
  if (way === "all again") return <Markdown blocks={parse(text)} />;
  stream.push(piece);
  return <Markdown blocks={stream.blocks()} />;
}

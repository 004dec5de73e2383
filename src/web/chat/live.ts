// An answer that is being written: pieces come as fast as they come, and are drawn once a frame.

import type { Piece, Usage } from "../api/chat.ts";
import { type Blocks, MarkdownStream } from "../markdown/stream.ts";

/** What is drawn of it. */
export interface LiveView {
  blocks: Blocks;
  reasoning: string;
}

/** A hidden page gets no frames; what is not seen need not be drawn often. */
const HIDDEN_MS = 500;

export class LiveAnswer {
  private readonly stream = new MarkdownStream();
  private readonly listeners = new Set<() => void>();
  private readonly started: number;
  private readonly now: () => number;
  private texts: string[] = [];
  private thoughts: string[] = [];
  private pending = "";
  private scheduled = false;
  private view: LiveView = { blocks: { closed: [], open: [] }, reasoning: "" };
  firstToken: number | undefined;
  usage: Usage | undefined;
  finish: string | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    this.started = now();
  }

  add(piece: Piece): void {
    if ((piece.text || piece.reasoning) && this.firstToken === undefined) this.firstToken = this.now() - this.started;
    if (piece.usage) this.usage = piece.usage;
    if (piece.finish) this.finish = piece.finish;
    if (piece.reasoning) this.thoughts.push(piece.reasoning);
    if (piece.text) {
      this.texts.push(piece.text);
      this.pending += piece.text;
    }
    if (piece.text || piece.reasoning) this.schedule();
  }

  /** Draws what has come so far. */
  flush(): void {
    this.scheduled = false;
    if (this.pending !== "") this.stream.push(this.pending);
    this.pending = "";
    this.view = { blocks: this.stream.blocks(), reasoning: this.thoughts.join("") };
    for (const listener of this.listeners) listener();
  }

  /** Ends the answer. Its blocks are those that are drawn already. */
  end(): { text: string; reasoning: string; blocks: Blocks; total: number } {
    this.flush();
    const blocks = this.stream.finish();
    this.view = { ...this.view, blocks };
    return { text: this.texts.join(""), reasoning: this.view.reasoning, blocks, total: this.now() - this.started };
  }

  /** All that has been said, for those who are read to. */
  textSoFar(): string {
    return this.texts.join("");
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): LiveView => this.view;

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const draw = (): void => {
      if (this.scheduled) this.flush();
    };
    if (typeof document !== "undefined" && document.visibilityState === "visible") requestAnimationFrame(draw);
    else setTimeout(draw, HIDDEN_MS);
  }
}

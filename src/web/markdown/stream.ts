// A Markdown text that grows: blocks that can no longer change are kept as they are, and only the open end is read again.
//
// The last two blocks stay open, since a later line may change them: a list takes another item after a blank line, a
// line of `=` makes a heading of a paragraph. Link references reach backwards, so a text that has any is read once more
// in full when it ends.

import { isVisible, lex, type Links, type Token, type Tokens } from "./lexer.ts";

/** How many blocks at the end may still change. */
const OPEN_BLOCKS = 2;

/** A block and a name for it that never changes: its place among the blocks. */
export interface Block {
  key: number;
  token: Token;
  /** The level that a heading is shown at: below the message's own, and never a level deeper than one after the last. */
  level: number;
}

/** The level of a message's own heading. */
const TOP = 2;

/** What can be shown of a text: `closed` is a new list only when it grows, and its blocks stay the same objects. */
export interface Blocks {
  closed: readonly Block[];
  open: readonly Block[];
}

/** Reads a text in pieces, at a cost that depends on its open end and not on its length. */
export class MarkdownStream {
  private pieces: string[] = [];
  private tail = "";
  /** A carriage return whose line feed may follow in the next piece. */
  private held = "";
  private links: Links = {};
  private hasLinks = false;
  private closed: readonly Block[] = [];
  private open: readonly Token[] = [];

  /** Adds a piece. */
  push(piece: string): void {
    let added = this.held + piece;
    this.held = added.endsWith("\r") ? "\r" : "";
    if (this.held) added = added.slice(0, -1);
    added = added.replace(/\r\n?/g, "\n");
    if (added === "") return;
    this.pieces.push(added);
    this.tail += added;
    this.read();
  }

  /** Ends the text. */
  finish(): Blocks {
    if (this.held) {
      this.held = "";
      this.push("\n");
    }
    if (this.hasLinks) {
      this.closed = blocksOf(lex(this.pieces.join("")), []);
      this.open = [];
      this.tail = "";
    } else {
      this.closed = [...this.closed, ...blocksOf(this.open, this.closed)];
      this.open = [];
    }
    return this.blocks();
  }

  /** What can be shown now. */
  blocks(): Blocks {
    return { closed: this.closed, open: blocksOf(this.open, this.closed) };
  }

  private read(): void {
    const tokens = lex(this.tail, this.links);
    this.note(tokens);
    const cut = closedUpTo(tokens);
    if (cut > 0) {
      const done = tokens.slice(0, cut);
      this.tail = this.tail.slice(done.reduce((length, token) => length + token.raw.length, 0));
      this.closed = [...this.closed, ...blocksOf(done, this.closed)];
    }
    this.open = tokens.slice(cut);
  }

  private note(tokens: readonly Token[]): void {
    for (const token of tokens) {
      if (token.type !== "def" && !holdsDefinition(token)) continue;
      this.hasLinks = true;
      if (token.type !== "def") continue;
      const { tag, href, title } = token as Tokens.Def;
      this.links[tag] ??= { href, title };
    }
  }
}

/** All blocks of a text that is complete. */
export function parse(text: string): Blocks {
  return { closed: blocksOf(lex(text), []), open: [] };
}

/** A definition may lie in a quotation or a list as well. */
function holdsDefinition(token: Token): boolean {
  return (token.type === "blockquote" || token.type === "list") && /\]:/.test(token.raw);
}

/** Index of the first token that is still open. */
function closedUpTo(tokens: readonly Token[]): number {
  let open = OPEN_BLOCKS;
  let index = tokens.length;
  while (index > 0 && open > 0) {
    index -= 1;
    const token = tokens[index];
    if (token && token.type !== "space") open -= 1;
  }
  while (index > 0 && !isBoundary(tokens[index - 1])) index -= 1;
  return open > 0 ? 0 : index;
}

/** Whether nothing that follows a token can reach into it. Lines that touch may still be read as one paragraph. */
function isBoundary(token: Token | undefined): boolean {
  if (!token) return true;
  const isFence = token.type === "code" && (token as Tokens.Code).codeBlockStyle !== "indented";
  const isMarkedHeading = token.type === "heading" && /^ {0,3}#/.test(token.raw);
  return token.type === "space" || isFence || isMarkedHeading || /\n[ \t]*\n$/.test(token.raw);
}

/** Blocks of what follows other blocks. */
function blocksOf(tokens: readonly Token[], before: readonly Block[]): Block[] {
  let level = before.at(-1)?.level ?? TOP;
  return tokens.filter(isVisible).map((token, index) => {
    if (token.type === "heading") level = Math.min((token as Tokens.Heading).depth + TOP, level + 1, 6);
    return { key: before.length + index, token, level };
  });
}

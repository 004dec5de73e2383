// Markdown as a list of block tokens: marked's lexer with GitHub's additions, and TeX between dollars or brackets.

import { Marked, type Token, type Tokens, type TokenizerExtension } from "marked";

export type { Token, Tokens };

/** A formula, in a line or on its own. */
export interface MathToken {
  type: "math";
  raw: string;
  text: string;
  display: boolean;
}

/** Link references, by name: `[name]: https://…`. */
export type Links = Record<string, { href: string | null; title: string | null | undefined }>;

/** A display ends at its closing sign or before a blank line, as in TeX: it can never swallow what is closed already. */
const DISPLAY = /^ {0,3}(?:\$\$((?:(?!\n[ \t]*\n|\$\$)[\s\S])+)\$\$|\\\[((?:(?!\n[ \t]*\n|\\\])[\s\S])+)\\\])[ \t]*(?:\n+|$)/;
/** One that has no closing sign (yet) is one block of plain text, whatever its lines look like. */
const UNCLOSED = /^ {0,3}(?:\$\$(?:(?!\n[ \t]*\n|\$\$)[\s\S])*|\\\[(?:(?!\n[ \t]*\n|\\\])[\s\S])*)(?:\n(?=[ \t]*\n)|$)/;
/** Within a paragraph, over its lines. A dollar before a blank, or after which a digit follows, is money. */
const INLINE = /^(?:\$\$([^$]+?)\$\$|\$(?![\s$])((?:\\.|[^$\\\n])*?[^\s$\\])\$(?!\d)|\\\(([\s\S]+?)\\\)|\\\[([\s\S]+?)\\\])/;

const displayMath: TokenizerExtension = {
  name: "math",
  level: "block",
  tokenizer(source) {
    const found = DISPLAY.exec(source);
    if (found) {
      const math: MathToken = { type: "math", raw: found[0], text: (found[1] ?? found[2] ?? "").trim(), display: true };
      return math;
    }
    const unclosed = UNCLOSED.exec(source);
    return unclosed ? { type: "unclosed", raw: unclosed[0], text: unclosed[0].trim() } : undefined;
  },
};

const inlineMath: TokenizerExtension = {
  name: "math",
  level: "inline",
  start: (source) => /\$|\\[([]/.exec(source)?.index,
  tokenizer(source) {
    const found = INLINE.exec(source);
    if (!found) return undefined;
    const display = found[1] !== undefined || found[4] !== undefined;
    const text = (found[1] ?? found[2] ?? found[3] ?? found[4] ?? "").trim();
    const math: MathToken = { type: "math", raw: found[0], text, display };
    return math;
  },
};

const marked = new Marked({ gfm: true, extensions: [displayMath, inlineMath] });

/** Tokens of a text in full; `links` are known before its first line. */
export function lex(text: string, links: Links = {}): Token[] {
  const lexer = new marked.Lexer(marked.defaults);
  Object.assign(lexer.tokens.links, links);
  try {
    return [...lexer.lex(text)];
  } catch (error) {
    // Thousands of quotations in each other are more than the lexer's stack; nobody means them to be seen as such.
    if (!(error instanceof RangeError)) throw error;
    return [{ type: "unclosed", raw: text, text: text.trim() }];
  }
}

/** Whether a block shows something. */
export function isVisible(token: Token): boolean {
  return token.type !== "space" && token.type !== "def";
}

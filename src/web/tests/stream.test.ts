// A text read in any pieces ends in the same tree as the text read at once.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MarkdownStream, parse } from "../markdown/stream.ts";

/** The same texts each time, so that a build does not fail by chance; `LISA_SAMPLE=100` tries a hundred times as many. */
const MORE = Number(process.env.LISA_SAMPLE ?? 1);
const RUNS = MORE > 1 ? {} : { seed: 7 };

/** Pieces of Markdown that change the meaning of what stands before them. */
const FRAGMENTS = [
  "# Heading\n", "Text of a paragraph", "\n", "\n\n", "===\n", "---\n", "- item\n", "- item\n\n", "  - inner\n", "1. one\n",
  "2) two\n", "   continued\n", "    indented code\n", "```js\nlet x = 1;\n", "```\n", "~~~\n", "> quote\n", ">\n", "> - a\n",
  "| a | b |\n", "|---|:-:|\n", "| 1 | 2 |\n", "**bold", "**", "_em_", "`code`", "`` a ` b ``", "[text](https://a.example)",
  "[ref]", "[ref][id]", "[id]: https://a.example\n", "![alt](x.png)", "<b>html</b>\n", "<!-- open", "-->\n", "<div>\n", "</div>\n",
  "<script>\n", "</script>\n", "$x^2$", "$$\n", "$$\\int_0^1$$\n", "\\[ a \\]\n", "\\( b \\)", "&amp;", "\\*", "* * *\n", "\t", "  ", "\r\n",
  "\r", "- [ ] task\n", "- [x] done\n", "+ plus\n", "* star\n", "😀", "é", "\u200f", "[1]", "https://b.example/x", "a|b\n", "-\n", "1.\n",
  "~~gone~~", "#", "#### \n", "&", "<", "<https://c.example>", "***", "___\n", "0. zero\n", "term\n: def\n", "\\", "\n  \n", "\n\t\n",
];

const text = fc.array(fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...FRAGMENTS) }, fc.string({ maxLength: 6 })), {
  maxLength: 40,
}).map((parts) => parts.join(""));

/** The tree as it is shown. */
function tree(value: ReturnType<typeof parse>): unknown {
  return [...value.closed, ...value.open];
}

function streamed(source: string, cuts: number[]): ReturnType<typeof parse> {
  const stream = new MarkdownStream();
  const places = [...new Set(cuts.map((cut) => cut % (source.length + 1)))].sort((one, other) => one - other);
  let from = 0;
  for (const place of [...places, source.length]) {
    stream.push(source.slice(from, place));
    from = place;
  }
  return stream.finish();
}

describe("a text in pieces", { timeout: 60_000 * MORE }, () => {
  it("ends in the tree of the whole, however it is cut", () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 30 }), (source, cuts) => {
        expect(tree(streamed(source, cuts))).toEqual(tree(parse(source)));
      }),
      { ...RUNS, numRuns: 3000 * MORE },
    );
  });

  it("ends in the tree of the whole when it comes letter by letter", () => {
    fc.assert(
      fc.property(text, (source) => {
        const cuts = Array.from({ length: source.length }, (_, index) => index);
        expect(tree(streamed(source, cuts))).toEqual(tree(parse(source)));
      }),
      { ...RUNS, numRuns: 1000 * MORE },
    );
  });

  it("keeps a closed block as the same object", () => {
    const stream = new MarkdownStream();
    stream.push("# One\n\nTwo\n\nThree\n\nFour");
    const first = stream.blocks().closed;
    expect(first.length).toBeGreaterThan(0);
    stream.push(" and more");
    expect(stream.blocks().closed).toBe(first);
    stream.push("\n\nFive\n\nSix");
    expect(stream.blocks().closed[0]).toBe(first[0]);
  });

  it("reads no more of a long text than its end", () => {
    const stream = new MarkdownStream();
    for (let part = 0; part < 2000; part += 1) stream.push(`Paragraph ${part} of many.\n\n`);
    expect(stream.blocks().open.length).toBeLessThanOrEqual(2);
    expect(stream.blocks().closed.length).toBeGreaterThan(1990);
  });
});

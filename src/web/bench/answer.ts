// An answer of about 24 kB with all that answers have, and a conversation of any length.

import { SHOWPIECE } from "../e2e/showpiece.ts";

const WORDS = "a table keeps its rows in pages and every page has a header that says how full it is so that a scan can pass over what is empty".split(" ");

/** A paragraph that is not the same twice. */
function paragraph(number: number): string {
  const words = Array.from({ length: 60 }, (_, index) => WORDS[(number * 7 + index * 3) % WORDS.length]);
  return `${number}. section says that ${words.join(" ")}, which is **why** \`page_${number}\` matters.\n\n`;
}

/** The answer, in so many pieces of one length. */
export function pieces(count: number): string[] {
  let text = "";
  for (let number = 1; text.length < 24_000; number += 1) text += number % 4 === 0 ? `${SHOWPIECE}\n` : paragraph(number);
  text = text.slice(0, 24_000);
  const length = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, index) => text.slice(index * length, (index + 1) * length));
}

/** Messages as the session API takes them. */
export function conversation(count: number): object[] {
  return Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? { type: "human", content: `Question ${index}: ${paragraph(index).slice(0, 120)}` } : { type: "ai", content: index % 10 === 1 ? SHOWPIECE : paragraph(index) + paragraph(index + 1), metadata: { modelName: "tale" } },
  );
}

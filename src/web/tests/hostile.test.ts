// Two hundred hostile texts, drawn as the page draws them: nothing runs, nothing is fetched, nothing takes long.

import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown } from "../markdown/Markdown.tsx";
import { MarkdownStream, parse } from "../markdown/stream.ts";
import { HOSTILE } from "./hostile.ts";

/** The elements that a text may become. */
const ALLOWED = new Set([
  "a", "blockquote", "br", "button", "code", "del", "div", "em", "figcaption", "figure", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "path", "pre", "span", "strong", "svg", "table", "tbody", "td", "th", "thead", "tr", "ul",
]);

/** Tags of a markup whose texts are escaped, so that every `<` begins one. */
function tags(markup: string): { name: string; attributes: string }[] {
  return [...markup.matchAll(/<([a-zA-Z][\w-]*)((?:[^>"]|"[^"]*")*)>/g)].map((found) => ({ name: found[1] ?? "", attributes: found[2] ?? "" }));
}

describe("hostile texts", { timeout: 60_000 }, () => {
  it("are two hundred", () => {
    expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(200);
  });

  it.each(HOSTILE.map((text, index) => [index, text.slice(0, 40), text] as const))("%i %s", (_index, _name, text) => {
    const before = process.cpuUsage();
    const stream = new MarkdownStream();
    for (let from = 0; from < text.length; from += 40_000) stream.push(text.slice(from, from + 40_000));
    stream.finish();
    const markup = renderToStaticMarkup(createElement(Markdown, { blocks: parse(text) }));
    const { user } = process.cpuUsage(before);
    for (const { name, attributes } of tags(markup)) {
      expect(ALLOWED.has(name), name).toBe(true);
      expect(attributes, name).not.toMatch(/\s(?:on\w+|style|srcset|ping|formaction)\s*=/i);
      const address = /\s(?:href|src)="([^"]*)"/.exec(attributes)?.[1];
      if (name === "a") expect(address).toMatch(/^(?:https?:\/\/[^/]|mailto:)/);
      else if (address !== undefined) expect(address).toMatch(/^data:image\/(?:png|jpeg|gif|webp);base64,/);
    }
    // Far above what any takes, far below a page that stands still.
    expect(user / 1000).toBeLessThan(3000);
  });
});

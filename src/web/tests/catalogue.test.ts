// Every language says everything, with the same values in its sentences; every key is used.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { de } from "../strings/de.ts";
import { en } from "../strings/en.ts";
import { fill } from "../strings/translate.ts";

const root = new URL("..", import.meta.url).pathname;
const places = (text: string): string[] => [...text.matchAll(/\{(\w+)/g)].map((found) => found[1] ?? "").sort();
/** What a template shows to its reader is no value. */
const LITERAL = new Set(["settings.templateHelp"]);

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : /\.tsx?$/.test(entry.name) ? [readFileSync(join(root, path), "utf8")] : [];
  });
}

describe("the catalogue", () => {
  it("has the same keys in every language", () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  });

  it("leaves nothing empty or untranslated by accident", () => {
    for (const [key, text] of Object.entries({ ...en, ...de })) expect(text.trim(), key).not.toBe("");
    const same = Object.keys(en).filter((key) => en[key as keyof typeof en] === de[key as keyof typeof de]);
    // Words that both languages share.
    expect(same.length).toBeLessThan(20);
  });

  it("names the same values in every language", () => {
    for (const [key, text] of Object.entries(en)) {
      const distinct = (words: string): string[] => [...new Set(places(words))];
      if (!LITERAL.has(key)) expect(distinct(de[key as keyof typeof de]), key).toEqual(distinct(text));
    }
  });

  it("holds no word that nobody says", () => {
    const text = ["app", "admin", "auth", "chat", "library", "markdown", "parts"].flatMap(sources).join("\n");
    const prefixes = [...text.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map((found) => found[1] ?? "");
    const unused = Object.keys(en).filter((key) => !text.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });

  it("fills values and counts", () => {
    expect(fill("{count} {count|source|sources}", { count: 1 }, "en")).toBe("1 source");
    expect(fill("{count} {count|Quelle|Quellen}", { count: 1200 }, "de")).toBe("1.200 Quellen");
    expect(fill("{input} of {name}", { name: "x" }, "en")).toBe("{input} of x");
  });
});

// The page's words in the reader's language: one catalogue for each, all with the same keys.

import { en } from "./en.ts";

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = "lisa.language";

let catalogue: Catalogue = en;
let language: Language = "en";

/** The chosen language, else the first of the browser's that is known. */
export function preferred(): Language {
  const known = (name: string | null | undefined): name is Language => name !== null && name !== undefined && name in LANGUAGES;
  const chosen = localStorage.getItem(STORED);
  if (known(chosen)) return chosen;
  return navigator.languages.map((name) => name.split("-")[0]).find(known) ?? "en";
}

/** Chooses a language for the next start. */
export function choose(name: Language): void {
  localStorage.setItem(STORED, name);
}

/** Fetches a language's words; English is there already. */
export async function load(name: Language): Promise<void> {
  catalogue = name === "de" ? (await import("./de.ts")).de : en;
  language = name;
}

export function currentLanguage(): Language {
  return language;
}

/** A text. `{name}` stands for a value; `{count|one|other}` for the word that goes with a number. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return fill(catalogue[key], values, language);
}

/** Fills the places of a text. */
export function fill(text: string, values: Record<string, string | number>, name: Language): string {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (place, field: string, one?: string, other?: string) => {
    const value = values[field];
    if (value === undefined) return place;
    if (one === undefined) return typeof value === "number" ? value.toLocaleString(name) : value;
    return new Intl.PluralRules(name).select(Number(value)) === "one" ? one : (other ?? "");
  });
}

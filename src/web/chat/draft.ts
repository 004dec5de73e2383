// What is being typed, kept in the tab: signing in again, or a reload, loses no word.

const KEY = "lisa.draft";

export function readDraft(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

export function keepDraft(text: string): void {
  if (text === "") sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, text);
}

// What a conversation is set to: model, parameters, prompts, how much history goes along, and where passages come from.

import type { Parameters } from "../api/chat.ts";

export interface Settings {
  model: string;
  stream: boolean;
  parameters: Parameters;
  /** Said to the model before anything else. */
  system: string;
  /** How a question is put: `{input}` is what was typed, `{history}` the turns before it as text. Empty: as it is. */
  template: string;
  /** How many earlier messages go along. */
  history: number;
  repository: string;
  collection: string;
  /** How many passages an answer is given. */
  passages: number;
}

export const DEFAULTS: Settings = {
  model: "",
  stream: true,
  // A model's own defaults are what it was made for.
  parameters: {},
  system: "",
  template: "",
  history: 20,
  repository: "",
  collection: "",
  passages: 5,
};

const KEY = "lisa.settings";

/** What a new conversation starts with: the choices of the last one, but for the words in it. */
export function remembered(): Settings {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>;
    return { ...DEFAULTS, ...kept };
  } catch {
    return DEFAULTS;
  }
}

export function remember(settings: Settings): void {
  const { model, stream, history, passages, repository, collection } = settings;
  localStorage.setItem(KEY, JSON.stringify({ model, stream, history, passages, repository, collection }));
}

// Prompt templates, API tokens and the configuration: small resources with a call for each thing that is done to them.

import { rest } from "./request.ts";

export interface Prompt {
  id: string;
  title: string;
  body: string;
  type: "persona" | "directive";
  groups: string[];
  owner?: string;
  revision?: number;
}

/** Who sees a prompt that is not one's own alone. */
export const EVERYONE = "lisa:public";

export type PromptDraft = Pick<Prompt, "title" | "body" | "type" | "groups">;

const list = <T>(found: T[] | { Items?: T[]; items?: T[] }): T[] => (Array.isArray(found) ? found : (found.Items ?? found.items ?? []));
const prompt = (id: string): string => `/prompt-templates/${encodeURIComponent(id)}`;

/** One's own prompts and those for everyone. */
export async function listPrompts(): Promise<Prompt[]> {
  const [own, open] = await Promise.all([
    rest<Prompt[]>("/prompt-templates"),
    rest<Prompt[]>("/prompt-templates", { query: { public: "true" } }),
  ]);
  const byId = new Map([...list(open), ...list(own)].map((found) => [found.id, found]));
  return [...byId.values()].sort((one, other) => one.title.localeCompare(other.title));
}

export const createPrompt = (body: PromptDraft): Promise<unknown> => rest("/prompt-templates", { method: "POST", body });
export const updatePrompt = (old: Prompt, body: PromptDraft): Promise<unknown> => rest(prompt(old.id), { method: "PUT", body: { ...old, ...body } });
export const deletePrompt = (id: string): Promise<unknown> => rest(prompt(id), { method: "DELETE" });

export interface Token {
  tokenUUID: string;
  name: string;
  username?: string;
  groups?: string[];
  /** Seconds since 1970. */
  tokenExpiration?: number;
  createdBy?: string;
  isSystemToken?: boolean;
  isLegacy?: boolean;
}

export async function listTokens(): Promise<Token[]> {
  const found = await rest<Token[] | { tokens: Token[] }>("/api-tokens");
  return Array.isArray(found) ? found : found.tokens;
}

/** Makes a token; its text is in this answer and nowhere else. Without `user`, it is one's own. */
export async function createToken(body: { name: string; tokenExpiration: number; groups?: string[] }, user?: string): Promise<string> {
  const path = user ? `/api-tokens/${encodeURIComponent(user)}` : "/api-tokens";
  const made = await rest<{ token: string }>(path, { method: "POST", body });
  return made.token;
}

export const deleteToken = (id: string): Promise<unknown> => rest(`/api-tokens/${encodeURIComponent(id)}`, { method: "DELETE" });

/** What an administrator switches, in upstream's names. */
export interface Configuration {
  enabledComponents?: Record<string, boolean>;
  systemBanner?: { isEnabled: boolean; text: string; textColor: string; backgroundColor: string };
  announcement?: { isEnabled?: boolean; message?: string };
  [name: string]: unknown;
}

export interface ConfigurationVersion {
  versionId: number;
  changedBy?: string;
  changeReason?: string;
  created_at?: number | string;
  configuration: Configuration;
}

/** Versions of the configuration, newest first. */
export async function configurations(): Promise<ConfigurationVersion[]> {
  const found = await rest<ConfigurationVersion[]>("/configuration", { query: { configScope: "global" } });
  return [...list(found)].sort((one, other) => Number(other.versionId) - Number(one.versionId));
}

export const putConfiguration = (before: ConfigurationVersion | undefined, configuration: Configuration, changeReason: string): Promise<unknown> =>
  rest("/configuration/global", {
    method: "PUT",
    // The version that was changed: another change in between is not overwritten.
    body: { configScope: "global", ...(before ? { versionId: before.versionId } : {}), changeReason, configuration },
  });

// Sessions: a conversation as the session API keeps it, in upstream's JSON, and the tree of its branches.

import type { Attachment, Figures, Message, Source, Tree } from "../chat/tree.ts";
import { grow, path } from "../chat/tree.ts";
import type { Settings } from "../chat/settings.ts";
import type { Content, Usage } from "./chat.ts";
import { rest } from "./request.ts";

/** A session without its messages. */
export interface Head {
  sessionId: string;
  name: string;
  firstHumanMessage: string;
  lastUpdated: string;
  pinned: boolean;
}

/** A session with all of its messages. */
export interface Conversation {
  id: string;
  name: string;
  tree: Tree;
  settings: Partial<Settings>;
}

interface WireMessage {
  type: "human" | "ai" | "system";
  content: Content;
  metadata?: Metadata;
}

/** A message with its place in the tree. Its id follows from its words and the message before it. */
interface TreeMessage {
  id: string;
  parentId: string | null;
  created: string;
  message: WireMessage;
}

interface Metadata {
  at?: string;
  attachments?: Attachment[];
  sources?: Source[];
  reasoning?: string;
  modelName?: string;
  figures?: Figures;
  usage?: Usage;
  ended?: NonNullable<Message["ended"]>;
}

interface WireSession {
  name?: string | null;
  /** The messages that are shown, first to last, and their ids. */
  history?: WireMessage[];
  messageIds?: string[];
  configuration?: { settings?: Partial<Settings> } | null;
}

type WireHead = Partial<Head> & { startTime?: string; createTime?: string };

const at = (id: string): string => `/session/${encodeURIComponent(id)}`;

/** Heads, newest first. */
export async function listSessions(): Promise<Head[]> {
  const found = await rest<WireHead[] | { sessions: WireHead[] }>("/session");
  return (Array.isArray(found) ? found : found.sessions).map(head).sort((one, other) => other.lastUpdated.localeCompare(one.lastUpdated));
}

/** Sessions in whose messages the words occur, each with the text around them. */
export async function searchSessions(query: string, signal: AbortSignal): Promise<{ sessionId: string; excerpt: string }[]> {
  const { hits } = await rest<{ hits: { sessionId: string; excerpt: string }[] }>("/session/search", { query: { query }, signal });
  return [...new Map(hits.map((hit) => [hit.sessionId, hit])).values()];
}

function head(wire: WireHead): Head {
  const { sessionId, name, firstHumanMessage, lastUpdated, startTime, createTime, pinned } = wire;
  return {
    sessionId: sessionId ?? "",
    name: name ?? "",
    firstHumanMessage: firstHumanMessage ?? "",
    lastUpdated: lastUpdated ?? startTime ?? createTime ?? "",
    pinned: pinned ?? false,
  };
}

/** What a session shows. Its other branches come by `getBranches`. */
export async function getSession(id: string, signal?: AbortSignal): Promise<Conversation | null> {
  const wire = await rest<WireSession | null>(at(id), signal ? { signal } : {});
  if (!wire?.history) return null;
  const ids = wire.messageIds ?? [];
  const placed = wire.history.map((message, index): TreeMessage => ({
    id: ids[index] ?? `message-${index}`,
    parentId: index === 0 ? null : (ids[index - 1] ?? `message-${index - 1}`),
    created: message.metadata?.at ?? "",
    message,
  }));
  return { id, name: wire.name ?? "", tree: grow(read(placed)), settings: wire.configuration?.settings ?? {} };
}

/** The messages of all branches, parents before children. */
export async function getBranches(id: string, signal?: AbortSignal): Promise<Message[]> {
  const found: TreeMessage[] = [];
  for (let nextToken: string | undefined, isFirst = true; isFirst || nextToken; isFirst = false) {
    const page = await rest<{ messages: TreeMessage[]; nextToken?: string | null }>(`${at(id)}/messages`, { query: { nextToken }, ...(signal ? { signal } : {}) });
    found.push(...page.messages);
    nextToken = page.nextToken ?? undefined;
  }
  return read(found);
}

/** Saves what is shown; the service writes what is new of it and keeps what is shown no longer as a branch. */
export function putSession(conversation: Conversation): Promise<unknown> {
  const { id, name, tree, settings } = conversation;
  return rest(at(id), { method: "PUT", body: { messages: path(tree).map(write), configuration: { settings }, ...(name ? { name } : {}) } });
}

export const renameSession = (id: string, name: string): Promise<unknown> => rest(`${at(id)}/name`, { method: "PUT", body: { name } });
export const pinSession = (id: string, pinned: boolean): Promise<unknown> => rest(`${at(id)}/pin`, { method: "PUT", body: { pinned } });
export const deleteSession = (id: string): Promise<unknown> => rest(at(id), { method: "DELETE" });
export const deleteSessions = (): Promise<unknown> => rest("/session", { method: "DELETE" });
export const exportSession = (id: string): Promise<unknown> => rest(`${at(id)}/export`);
export const importSessions = (body: unknown): Promise<unknown> => rest("/session/import", { method: "POST", body });

/** Messages as the page knows them. What a system said before a conversation is one of its settings. */
export function read(placed: readonly TreeMessage[]): Message[] {
  const system = new Map(placed.filter(({ message }) => message.type === "system").map(({ id, parentId }) => [id, parentId]));
  return placed.filter(({ id }) => !system.has(id)).map(({ id, parentId, created, message }) => {
    const { modelName, at: written, ...metadata } = message.metadata ?? {};
    const { text, images } = contentOf(message.content);
    const parent = parentId !== null && system.has(parentId) ? (system.get(parentId) ?? null) : parentId;
    return {
      id,
      parent,
      role: message.type === "human" ? "user" : "assistant",
      text,
      at: written ?? created,
      ...(modelName ? { model: modelName } : {}),
      ...pick(metadata),
      ...(images.length > 0 && !metadata.attachments ? { attachments: images } : {}),
    };
  });
}

/** What else a message may hold; upstream's metadata has more, which nobody here asks for. */
function pick({ attachments, sources, reasoning, figures, ended }: Metadata): Partial<Message> {
  return {
    ...(attachments ? { attachments } : {}),
    ...(sources ? { sources } : {}),
    ...(reasoning ? { reasoning } : {}),
    ...(figures ? { figures } : {}),
    ...(ended ? { ended } : {}),
  };
}

/** A message in upstream's form. Images stand in its content; files that are texts have no place there. */
export function write(message: Message): WireMessage {
  const { role, text, at: written, model, attachments = [], sources, reasoning, figures, ended } = message;
  const images = attachments.filter((one) => one.kind === "image");
  const hasTexts = images.length < attachments.length;
  const parts = images.map((one) => ({ type: "image_url" as const, image_url: { url: one.content } }));
  return {
    type: role === "user" ? "human" : "ai",
    content: parts.length > 0 ? [{ type: "text", text }, ...parts] : text,
    metadata: {
      at: written,
      ...(model ? { modelName: model } : {}),
      ...(hasTexts ? { attachments } : {}),
      ...(sources ? { sources } : {}),
      ...(reasoning ? { reasoning } : {}),
      ...(figures ? { figures } : {}),
      ...(ended ? { ended } : {}),
    },
  };
}

function contentOf(content: Content): { text: string; images: Attachment[] } {
  if (typeof content === "string") return { text: content, images: [] };
  const texts = content.flatMap((part) => (part.type === "text" ? [part.text] : []));
  const urls = content.flatMap((part) => (part.type === "image_url" ? [part.image_url.url] : []));
  return { text: texts.join("\n"), images: urls.map((url, index) => ({ name: `image-${index + 1}`, content: url, kind: "image" })) };
}

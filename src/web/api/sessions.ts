// Sessions: a conversation as the session API keeps it, in upstream's JSON with the ids that make a tree of it.

import type { Attachment, Figures, Message, Source, Tree } from "../chat/tree.ts";
import { all, grow } from "../chat/tree.ts";
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
  id?: string;
  messageId?: string;
  parentId?: string | null;
  metadata?: Metadata;
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

interface WireConfiguration {
  settings?: Partial<Settings>;
  leaf?: string;
}

interface WireSession {
  sessionId?: string;
  name?: string | null;
  history?: WireMessage[];
  messages?: WireMessage[];
  configuration?: WireConfiguration;
  startTime?: string;
}

type WireHead = Partial<Head> & { startTime?: string; createTime?: string; isPinned?: boolean; pin?: boolean };

const at = (id: string): string => `/session/${encodeURIComponent(id)}`;

/** Heads, newest first. */
export async function listSessions(): Promise<Head[]> {
  const found = await rest<WireHead[] | { sessions: WireHead[] }>("/session");
  return (Array.isArray(found) ? found : found.sessions).map(head).sort((one, other) => other.lastUpdated.localeCompare(one.lastUpdated));
}

/** Sessions in whose messages the words occur. */
export async function searchSessions(query: string, signal: AbortSignal): Promise<Head[]> {
  const found = await rest<WireHead[] | { sessions?: WireHead[]; results?: WireHead[] }>("/session/search", { query: { query }, signal });
  return (Array.isArray(found) ? found : (found.sessions ?? found.results ?? [])).map(head);
}

function head(wire: WireHead): Head {
  const { sessionId, name, firstHumanMessage, lastUpdated, startTime, createTime, pinned, isPinned, pin } = wire;
  return {
    sessionId: sessionId ?? "",
    name: name ?? "",
    firstHumanMessage: firstHumanMessage ?? "",
    lastUpdated: lastUpdated ?? startTime ?? createTime ?? "",
    pinned: pinned ?? isPinned ?? pin ?? false,
  };
}

export async function getSession(id: string, signal?: AbortSignal): Promise<Conversation | null> {
  const wire = await rest<WireSession | null>(at(id), signal ? { signal } : {});
  const history = wire?.history ?? wire?.messages;
  if (!wire || !history) return null;
  return {
    id,
    name: wire.name ?? "",
    tree: grow(read(history), wire.configuration?.leaf),
    settings: wire.configuration?.settings ?? {},
  };
}

/** Saves all of a conversation; the service writes what is new or changed. */
export function putSession(conversation: Conversation): Promise<unknown> {
  const { id, name, tree, settings } = conversation;
  const configuration: WireConfiguration = { settings, ...(tree.leaf ? { leaf: tree.leaf } : {}) };
  return rest(at(id), { method: "PUT", body: { messages: all(tree).map(write), configuration, ...(name ? { name } : {}) } });
}

export const renameSession = (id: string, name: string): Promise<unknown> => rest(`${at(id)}/name`, { method: "PUT", body: { name } });
export const pinSession = (id: string, pinned: boolean): Promise<unknown> => rest(`${at(id)}/pin`, { method: "PUT", body: { pinned } });
export const deleteSession = (id: string): Promise<unknown> => rest(at(id), { method: "DELETE" });
export const deleteSessions = (): Promise<unknown> => rest("/session", { method: "DELETE" });
export const exportSession = (id: string): Promise<unknown> => rest(`${at(id)}/export`);
export const importSessions = (body: unknown): Promise<unknown> => rest("/session/import", { method: "POST", body });

/** Messages of upstream have no ids: each follows the one before it. */
export function read(history: readonly WireMessage[]): Message[] {
  let before: string | null = null;
  const messages: Message[] = [];
  for (const [index, wire] of history.entries()) {
    if (wire.type === "system") continue;
    const id: string = wire.id ?? wire.messageId ?? `message-${index}`;
    const { modelName, at: written, ...metadata } = wire.metadata ?? {};
    const { text, images } = contentOf(wire.content);
    const parent: string | null = wire.parentId === undefined ? before : wire.parentId;
    messages.push({
      id,
      parent,
      role: wire.type === "human" ? "user" : "assistant",
      text,
      at: written ?? "",
      ...(modelName ? { model: modelName } : {}),
      ...pick(metadata),
      ...(images.length > 0 && !metadata.attachments ? { attachments: images } : {}),
    });
    before = id;
  }
  return messages;
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
  const { id, parent, role, text, at: written, model, attachments = [], sources, reasoning, figures, ended } = message;
  const images = attachments.filter((one) => one.kind === "image");
  const hasTexts = images.length < attachments.length;
  const parts = images.map((one) => ({ type: "image_url" as const, image_url: { url: one.content } }));
  return {
    type: role === "user" ? "human" : "ai",
    content: parts.length > 0 ? [{ type: "text", text }, ...parts] : text,
    id,
    parentId: parent,
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

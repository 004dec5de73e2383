// A conversation as a tree: every message knows the one before it, and one way from the root to a leaf is shown.
// Editing and regenerating add a branch; nothing is ever overwritten.

import type { Usage } from "../api/chat.ts";

export interface Attachment {
  name: string;
  /** A data address, for an image; else the text. */
  content: string;
  kind: "image" | "text";
}

/** A passage that an answer was given. */
export interface Source {
  number: number;
  text: string;
  title: string;
  /** The page that it begins on, counted from 1. */
  page?: number;
  /** The page that it ends on, where that is another one. */
  lastPage?: number;
  score?: number;
  repositoryId: string;
  documentId?: string;
}

/** How an answer came. Times in milliseconds. */
export interface Figures {
  firstToken?: number;
  total: number;
  usage?: Usage;
}

export interface Message {
  id: string;
  parent: string | null;
  role: "user" | "assistant";
  text: string;
  /** When it was written, as ISO 8601. */
  at: string;
  attachments?: Attachment[];
  sources?: Source[];
  reasoning?: string;
  model?: string;
  figures?: Figures;
  /** How it ended, where it did not end by itself: `stopped`, `cut`, or what went wrong. */
  ended?: { how: "stopped" | "cut" | "failed"; message?: string };
}

export interface Tree {
  messages: Readonly<Record<string, Message>>;
  /** Ids under each parent, oldest first; the roots are under the empty text. */
  children: Readonly<Record<string, readonly string[]>>;
  /** The end of the way that is shown. */
  leaf: string | null;
}

export const EMPTY: Tree = { messages: {}, children: {}, leaf: null };

const ROOT = "";

/** Adds a message below its parent and shows it. */
export function add(tree: Tree, message: Message): Tree {
  const parent = message.parent ?? ROOT;
  const siblings = tree.children[parent] ?? [];
  return {
    messages: { ...tree.messages, [message.id]: message },
    children: siblings.includes(message.id) ? tree.children : { ...tree.children, [parent]: [...siblings, message.id] },
    leaf: message.id,
  };
}

/** Changes a message in its place. */
export function change(tree: Tree, id: string, changes: Partial<Message>): Tree {
  const message = tree.messages[id];
  return message ? { ...tree, messages: { ...tree.messages, [id]: { ...message, ...changes } } } : tree;
}

/** Makes a tree of messages in any order; one whose parent is not there is a root. Without a leaf, the newest is shown. */
export function grow(messages: readonly Message[], leaf?: string | null): Tree {
  const known = new Set(messages.map((message) => message.id));
  const children: Record<string, string[]> = {};
  for (const message of messages) {
    const parent = message.parent !== null && known.has(message.parent) ? message.parent : ROOT;
    (children[parent] ??= []).push(message.id);
  }
  const byId = Object.fromEntries(messages.map((message) => [message.id, message]));
  const time = (id: string): string => byId[id]?.at ?? "";
  // A service gives branches in an order of its own.
  for (const siblings of Object.values(children)) siblings.sort((one, other) => time(one).localeCompare(time(other)));
  const last = leaf && known.has(leaf) ? leaf : (messages.at(-1)?.id ?? null);
  return { messages: byId, children, leaf: last };
}

/** The messages that are shown, first to last. */
export function path(tree: Tree, leaf: string | null = tree.leaf): Message[] {
  const found: Message[] = [];
  const seen = new Set<string>();
  for (let id = leaf; id !== null && !seen.has(id); ) {
    seen.add(id);
    const message: Message | undefined = tree.messages[id];
    if (!message) break;
    found.push(message);
    id = message.parent;
  }
  return found.reverse();
}

/** The versions of a message: those with the same parent. */
export function versions(tree: Tree, message: Message): readonly string[] {
  const parent = message.parent !== null && tree.messages[message.parent] ? message.parent : ROOT;
  return tree.children[parent] ?? [message.id];
}

/** Shows another version, down to its newest end. */
export function show(tree: Tree, id: string): Tree {
  let leaf = id;
  for (let next = tree.children[leaf]?.at(-1); next !== undefined; next = tree.children[leaf]?.at(-1)) leaf = next;
  return { ...tree, leaf };
}

/** Puts messages of other branches beside what is there; what is there stays as it is. */
export function merge(tree: Tree, messages: readonly Message[]): Tree {
  const known = messages.map((message) => tree.messages[message.id] ?? message);
  const ids = new Set(messages.map((message) => message.id));
  return grow([...known, ...all(tree).filter((message) => !ids.has(message.id))], tree.leaf);
}

/** All messages, parents before children. */
export function all(tree: Tree): Message[] {
  const found: Message[] = [];
  const waiting = [...(tree.children[ROOT] ?? [])];
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const message = tree.messages[id];
    if (message) found.push(message);
    waiting.push(...(tree.children[id] ?? []));
  }
  return found;
}

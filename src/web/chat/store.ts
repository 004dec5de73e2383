// The conversation that is open: its state, and everything that can be done to it.

import { complete } from "../api/chat.ts";
import { type Conversation, getBranches, getSession, putSession } from "../api/sessions.ts";
import { ApiError } from "../api/request.ts";
import { announce } from "../parts/announce.ts";
import { t } from "../strings/translate.ts";
import { keep } from "./blocks.ts";
import { keepDraft, readDraft } from "./draft.ts";
import { LiveAnswer } from "./live.ts";
import { requestOf } from "./request.ts";
import { findPassages } from "./passages.ts";
import { remember, remembered, type Settings } from "./settings.ts";
import { add, type Attachment, change, EMPTY, merge, type Message, path, show, type Source } from "./tree.ts";

export interface ChatState extends Conversation {
  settings: Settings;
  /** Whether the session exists on the server. */
  isStored: boolean;
  isLoading: boolean;
  /** Why the conversation could not be opened or saved. */
  problem: string | null;
  /** The answer that is being written. */
  live: { id: string; answer: LiveAnswer; phase: "searching" | "answering" } | null;
}

type Told = (change: { kind: "saved" | "created" }) => void;

const fresh = (): ChatState => ({
  id: crypto.randomUUID(),
  name: "",
  tree: EMPTY,
  settings: remembered(),
  isStored: false,
  isLoading: false,
  problem: null,
  live: null,
});

export class ChatStore {
  private state = fresh();
  private readonly listeners = new Set<() => void>();
  private abort: AbortController | null = null;
  private opening: AbortController | null = null;
  private saving: Promise<void> = Promise.resolve();
  /** Told after a session has reached the server. */
  onSaved: Told = () => undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): ChatState => this.state;

  /** Opens a session, or a new conversation. */
  async open(id: string | null): Promise<void> {
    if (id === this.state.id) return;
    if (id === null && !this.state.isStored && this.state.tree.leaf === null) return;
    this.stop();
    this.opening?.abort();
    this.state = fresh();
    if (id === null) return this.tell();
    this.update({ id, isStored: true, isLoading: true });
    this.opening = new AbortController();
    try {
      const found = await getSession(id, this.opening.signal);
      if (this.state.id !== id) return;
      if (!found) return this.update({ isLoading: false, problem: t("chat.gone") });
      this.update({ ...found, settings: { ...remembered(), ...found.settings }, isLoading: false });
      const branches = await getBranches(id, this.opening.signal);
      if (this.state.id === id) this.update({ tree: merge(this.state.tree, branches) });
    } catch (error) {
      // Without its other branches a conversation is still what was shown of it.
      if (!isAbort(error) && this.state.id === id) this.update({ isLoading: false, problem: this.state.tree.leaf ? null : words(error) });
    }
  }

  set(changes: Partial<Settings>): void {
    const settings = { ...this.state.settings, ...changes };
    remember(settings);
    this.update({ settings });
  }

  /** Asks below what is shown. */
  send(text: string, attachments: Attachment[]): void {
    this.ask(text, attachments, this.state.tree.leaf);
  }

  /** Asks again beside an earlier question. */
  edit(message: Message, text: string): void {
    this.ask(text, message.attachments ?? [], message.parent);
  }

  /** Answers a question once more, beside the answer that is there. */
  regenerate(answer: Message): void {
    if (answer.parent !== null) void this.answer(answer.parent);
  }

  /** Shows another version of a message. */
  show(id: string): void {
    this.stop();
    this.update({ tree: show(this.state.tree, id) });
    this.save();
  }

  /** Closes the connection, which stops the model. */
  stop(): void {
    this.abort?.abort();
  }

  rename(name: string): void {
    this.update({ name });
  }

  private ask(text: string, attachments: Attachment[], parent: string | null): void {
    this.stop();
    const message: Message = { id: crypto.randomUUID(), parent, role: "user", text, at: new Date().toISOString() };
    if (attachments.length > 0) message.attachments = attachments;
    this.update({ tree: add(this.state.tree, message), problem: null });
    void this.answer(message.id);
  }

  private async answer(question: string): Promise<void> {
    this.stop();
    const { settings, id: session } = this.state;
    const abort = new AbortController();
    this.abort = abort;
    const answer = new LiveAnswer();
    const message: Message = { id: crypto.randomUUID(), parent: question, role: "assistant", text: "", at: new Date().toISOString(), model: settings.model };
    this.update({ tree: add(this.state.tree, message), live: { id: message.id, answer, phase: settings.repository ? "searching" : "answering" } });
    announce(t("chat.announce.writing"));
    this.save();
    let sources: Source[] = [];
    let ended: Message["ended"];
    try {
      const way = path(this.state.tree, question);
      if (settings.repository) {
        sources = await findPassages(way, settings, abort.signal);
        if (this.state.live?.id === message.id) this.update({ live: { id: message.id, answer, phase: "answering" }, tree: change(this.state.tree, message.id, { sources }) });
      }
      await complete(requestOf({ path: way, settings, sources }), abort.signal, (piece) => answer.add(piece));
      if (answer.finish === "length") ended = { how: "cut" };
    } catch (error) {
      // A question that was not asked, since nobody is signed in any more, is a draft again.
      if (error instanceof ApiError && error.status === 401 && readDraft() === "") keepDraft(this.state.tree.messages[question]?.text ?? "");
      ended = abort.signal.aborted ? { how: "stopped" } : { how: "failed", message: words(error) };
    }
    // Another conversation may be open by now; its tree is not this one's.
    if (this.state.id === session) this.end(message.id, answer, sources, ended);
  }

  private end(id: string, answer: LiveAnswer, sources: Source[], ended: Message["ended"]): void {
    const { text, reasoning, blocks, total } = answer.end();
    keep(id, text, blocks);
    const tree = change(this.state.tree, id, {
      text,
      figures: { total, ...(answer.firstToken === undefined ? {} : { firstToken: answer.firstToken }), ...(answer.usage ? { usage: answer.usage } : {}) },
      ...(reasoning ? { reasoning } : {}),
      ...(sources.length > 0 ? { sources } : {}),
      ...(ended ? { ended } : {}),
    });
    this.update({ tree, ...(this.state.live?.id === id ? { live: null } : {}) });
    announce(t(ended ? `chat.announce.${ended.how}` : "chat.announce.done"));
    this.save();
  }

  /** Saves what is there now, after what is being saved already. */
  private save(): void {
    const { id, name, tree, settings, isStored, live } = this.state;
    // An answer without a word yet is no message.
    const shown = live ? { ...tree, messages: withoutEmpty(tree.messages, live.id), leaf: tree.messages[live.id]?.parent ?? null } : tree;
    this.saving = this.saving.then(async () => {
      try {
        await putSession({ id, name, tree: shown, settings });
        if (this.state.id === id) this.update({ isStored: true, ...(this.state.problem === t("chat.notSaved") ? { problem: null } : {}) });
        this.onSaved({ kind: isStored ? "saved" : "created" });
      } catch (error) {
        // A page without sessions still chats.
        const isMissing = error instanceof ApiError && (error.status === 404 || error.status === 501);
        if (!isMissing && this.state.id === id) this.update({ problem: t("chat.notSaved") });
      }
    });
  }

  private update(changes: Partial<ChatState>): void {
    this.state = { ...this.state, ...changes };
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function withoutEmpty(messages: Readonly<Record<string, Message>>, id: string): Record<string, Message> {
  return Object.fromEntries(Object.entries(messages).filter(([key]) => key !== id));
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function words(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return error instanceof TypeError ? t("common.unreachable") : error instanceof Error ? error.message : String(error);
}

export const chat = new ChatStore();

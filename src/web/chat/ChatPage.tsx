// The chat: what was said, and where the next question is written.

import { useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { here } from "../app/deployment.ts";
import { type Command, useCommands } from "../app/commands.ts";
import { Icon } from "../parts/Icon.tsx";
import { Notice } from "../parts/Notice.tsx";
import { t } from "../strings/translate.ts";
import { Composer } from "./Composer.tsx";
import { MessageList } from "./MessageList.tsx";
import { ModelButton, ModelDialog, useModels } from "./ModelPicker.tsx";
import { RepositoryButton } from "./RepositoryPicker.tsx";
import { chat } from "./store.ts";
import type { Source } from "./tree.ts";
import { useChat } from "./useChat.ts";
import { Welcome } from "./Welcome.tsx";

const SettingsPanel = lazy(() => import("./SettingsPanel.tsx").then((module) => ({ default: module.SettingsPanel })));
const SourceView = lazy(() => import("./SourceView.tsx").then((module) => ({ default: module.SourceView })));
const PromptDialog = lazy(() => import("../library/PromptDialog.tsx").then((module) => ({ default: module.PromptDialog })));

type Open = "model" | "settings" | "prompts" | null;

export function ChatPage({ sessionId }: { sessionId: string | null }): ReactNode {
  const state = useChat();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<Open>(null);
  const [source, setSource] = useState<Source | null>(null);
  const [inserted, setInserted] = useState<{ text: string } | null>(null);
  const { models, isSettled, problem } = useModels();
  useOpen(sessionId, navigate);
  useShortcuts(setOpen);
  const openSource = useCallback((chosen: Source) => setSource(chosen), []);
  const isEmpty = state.tree.leaf === null && !state.isLoading;
  const hindrance = here.serve === null ? t("chat.noServe") : models.length === 0 && isSettled ? t("chat.noModels") : state.settings.model === "" ? t("chat.chooseModel") : null;
  return (
    <div className="chat" data-empty={isEmpty}>
      <header className="chat-head">
        <h1 className="unseen">{state.name || t("chat.title")}</h1>
        <ModelButton name={state.settings.model} onOpen={() => setOpen("model")} />
        <span className="spring" />
        <button type="button" className="icon-button" title={t("chat.settings")} aria-label={t("chat.settings")} onClick={() => setOpen("settings")}><Icon name="sliders" /></button>
      </header>
      {problem && <Notice title={t("chat.modelsUnreachable")} detail={problem} />}
      {state.problem && <Notice title={state.problem} />}
      {state.isLoading && <p className="waiting middle" role="status"><span className="pulse" />{t("common.loading")}</p>}
      {isEmpty ? <Welcome onChoose={(text) => setInserted({ text })} /> : <MessageList key={state.id} state={state} onOpenSource={openSource} />}
      <div className="chat-foot">
        <Composer isBusy={state.live !== null} hindrance={hindrance} inserted={inserted}>
          <button type="button" className="icon-button" title={t("chat.prompts")} aria-label={t("chat.prompts")} onClick={() => setOpen("prompts")}><Icon name="book" /></button>
          {here.rag && <RepositoryButton />}
        </Composer>
        <p className="fine">{t("chat.fine")}</p>
      </div>
      {open === "model" && <ModelDialog onClose={() => setOpen(null)} />}
      <Suspense>
        {open === "settings" && <SettingsPanel onClose={() => setOpen(null)} />}
        {open === "prompts" && <PromptDialog onClose={() => setOpen(null)} onChoose={(text) => setInserted({ text })} />}
        {source && <SourceView source={source} onClose={() => setSource(null)} />}
      </Suspense>
    </div>
  );
}

/** Opens what the address names, and names a new conversation once it is stored. */
function useOpen(sessionId: string | null, navigate: (to: string, options?: { replace: boolean }) => void): void {
  const queries = useQueryClient();
  useEffect(() => void chat.open(sessionId), [sessionId]);
  useEffect(() => {
    chat.onSaved = ({ kind }) => {
      void queries.invalidateQueries({ queryKey: ["sessions"] });
      if (kind === "created") navigate(`/chat/${chat.snapshot().id}`, { replace: true });
    };
    return () => {
      chat.onSaved = () => undefined;
    };
  }, [queries, navigate]);
}

function useShortcuts(open: (what: Open) => void): void {
  const commands: Command[] = [
    { id: "model", label: t("chat.chooseModel"), icon: "cube", keys: "Mod+M", act: () => open("model") },
    { id: "settings", label: t("chat.settings"), icon: "sliders", keys: "Mod+,", act: () => open("settings") },
    { id: "prompts", label: t("chat.prompts"), icon: "book", keys: "Mod+Shift+P", act: () => open("prompts") },
    { id: "stop", label: t("chat.stop"), icon: "stop", keys: "Escape", act: () => chat.stop(), when: () => chat.snapshot().live !== null },
    { id: "write", label: t("chat.write"), icon: "edit", keys: "/", act: () => document.getElementById("question")?.focus() },
    { id: "regenerate", label: t("chat.regenerate"), icon: "again", keys: "Mod+Shift+R", act: regenerateLast },
    { id: "copy", label: t("chat.copyAnswer"), icon: "copy", keys: "Mod+Shift+C", act: copyLast },
  ];
  useCommands("chat", commands);
}

function last(): ReturnType<typeof chat.snapshot>["tree"]["messages"][string] | undefined {
  const { tree } = chat.snapshot();
  const message = tree.leaf === null ? undefined : tree.messages[tree.leaf];
  return message?.role === "assistant" ? message : undefined;
}

function regenerateLast(): void {
  const message = last();
  if (message) chat.regenerate(message);
}

function copyLast(): void {
  const message = last();
  if (message) void navigator.clipboard.writeText(message.text);
}

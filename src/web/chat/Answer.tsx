// A model's answer: reasoning, text with marks of its sources, how it ended, figures, and what can be done with it.

import { memo, type ReactNode, useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import { CiteContext } from "../markdown/Inline.tsx";
import { Markdown } from "../markdown/Markdown.tsx";
import { announce, sentences } from "../parts/announce.ts";
import { CopyButton } from "../parts/CopyButton.tsx";
import { Icon } from "../parts/Icon.tsx";
import { currentLanguage, t } from "../strings/translate.ts";
import { blocksOf } from "./blocks.ts";
import { CitationMark, SourceList } from "./Citations.tsx";
import type { LiveAnswer } from "./live.ts";
import { chat } from "./store.ts";
import type { Message, Source } from "./tree.ts";
import { Versions } from "./Versions.tsx";

interface Props {
  message: Message;
  versions: readonly string[];
  live: LiveAnswer | null;
  phase: "searching" | "answering" | null;
  onOpenSource: (source: Source) => void;
}

export const Answer = memo(function Answer({ message, versions, live, phase, onOpenSource }: Props): ReactNode {
  const sources = message.sources;
  const cite = useCallback(
    (number: number) => {
      const source = sources?.find((one) => one.number === number);
      return source ? <CitationMark source={source} onOpen={onOpenSource} /> : null;
    },
    [sources, onOpenSource],
  );
  return (
    <article className="answer" aria-label={t("chat.answerOf", { model: message.model ?? "" })} aria-busy={live !== null}>
      <h2 className="unseen">{t("chat.answerOf", { model: message.model ?? "" })}</h2>
      <CiteContext value={sources?.length ? cite : null}>
        {live ? <Writing answer={live} phase={phase} /> : <Written message={message} />}
      </CiteContext>
      {sources && sources.length > 0 && <SourceList sources={sources} onOpen={onOpenSource} />}
      {!live && <Foot message={message} versions={versions} />}
    </article>
  );
});

/** The only part of a conversation that is drawn while an answer comes. */
function Writing({ answer, phase }: { answer: LiveAnswer; phase: Props["phase"] }): ReactNode {
  const view = useSyncExternalStore(answer.subscribe, answer.snapshot);
  useReadAloud(answer);
  const isEmpty = view.blocks.closed.length === 0 && view.blocks.open.length === 0;
  return (
    <>
      {view.reasoning && <Reasoning text={view.reasoning} isOpen={isEmpty} />}
      {isEmpty ? (
        <p className="waiting"><span className="pulse" />{t(phase === "searching" ? "chat.searching" : "chat.waiting")}</p>
      ) : (
        <div className="writing"><Markdown blocks={view.blocks} /></div>
      )}
    </>
  );
}

/** Whole sentences, at most one announcement in two seconds. */
function useReadAloud(answer: LiveAnswer): void {
  useEffect(() => {
    let said = 0;
    const timer = setInterval(() => {
      const { whole } = sentences(answer.textSoFar().slice(said));
      if (whole === "") return;
      said += whole.length;
      announce(whole.trim());
    }, 2000);
    return () => clearInterval(timer);
  }, [answer]);
}

function Written({ message }: { message: Message }): ReactNode {
  const blocks = useMemo(() => blocksOf(message.id, message.text), [message.id, message.text]);
  return (
    <>
      {message.reasoning && <Reasoning text={message.reasoning} isOpen={false} />}
      <Markdown blocks={blocks} />
      <Ending message={message} />
    </>
  );
}

function Reasoning({ text, isOpen }: { text: string; isOpen: boolean }): ReactNode {
  return (
    <details className="reasoning" open={isOpen}>
      <summary><Icon name="right" />{t("chat.reasoning")}</summary>
      <p>{text}</p>
    </details>
  );
}

function Ending({ message }: { message: Message }): ReactNode {
  const { ended } = message;
  if (!ended) return null;
  if (ended.how === "failed") {
    return (
      <div className="notice error" role="alert">
        <Icon name="warn" />
        <div>
          <p className="notice-title">{t("chat.failed")}</p>
          <p className="notice-detail">{ended.message}</p>
          <button type="button" className="button small" onClick={() => chat.regenerate(message)}>{t("chat.again")}</button>
        </div>
      </div>
    );
  }
  return <p className="ending">{t(ended.how === "cut" ? "chat.cut" : "chat.stopped")}</p>;
}

function Foot({ message, versions }: { message: Message; versions: readonly string[] }): ReactNode {
  return (
    <footer className="message-foot">
      <Versions id={message.id} versions={versions} />
      <CopyButton text={message.text} label={t("chat.copyAnswer")} />
      <button type="button" className="icon-button" title={t("chat.regenerate")} aria-label={t("chat.regenerate")} onClick={() => chat.regenerate(message)}>
        <Icon name="again" />
      </button>
      <span className="figures">{figuresOf(message)}</span>
    </footer>
  );
}

/** `fixture-chat · 0.2 s to first token · 48 tokens/s · 312 tokens`. */
export function figuresOf({ model, figures }: Message): string {
  const parts = [model ?? ""];
  const number = (value: number, digits: number): string => value.toLocaleString(currentLanguage(), { maximumFractionDigits: digits });
  if (figures?.firstToken !== undefined) parts.push(t("chat.firstToken", { seconds: number(figures.firstToken / 1000, 2) }));
  if (figures?.usage) {
    const writing = (figures.total - (figures.firstToken ?? 0)) / 1000;
    const { completion_tokens: made, prompt_tokens: read } = figures.usage;
    if (writing > 0.05 && made > 1) parts.push(t("chat.speed", { speed: number(made / writing, 0) }));
    parts.push(t("chat.tokens", { read, made }));
  }
  return parts.filter(Boolean).join(" · ");
}

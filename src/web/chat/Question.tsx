// What a person asked: text as it was typed, attachments, and a way to put it differently.

import { memo, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { CopyButton } from "../parts/CopyButton.tsx";
import { Icon } from "../parts/Icon.tsx";
import { t } from "../strings/translate.ts";
import { chat } from "./store.ts";
import type { Attachment, Message } from "./tree.ts";
import { Versions } from "./Versions.tsx";

interface Props {
  message: Message;
  versions: readonly string[];
}

export const Question = memo(function Question({ message, versions }: Props): ReactNode {
  const [isEdited, setEdited] = useState(false);
  return (
    <article className="question" aria-label={t("chat.question")}>
      <h2 className="unseen">{t("chat.question")}</h2>
      {isEdited ? (
        <Edit message={message} onClose={() => setEdited(false)} />
      ) : (
        <>
          {message.attachments && <Attached attachments={message.attachments} />}
          <div className="question-text">{message.text}</div>
          <footer className="message-foot">
            <CopyButton text={message.text} label={t("chat.copyQuestion")} />
            <button type="button" className="icon-button" title={t("chat.edit")} aria-label={t("chat.edit")} onClick={() => setEdited(true)}>
              <Icon name="edit" />
            </button>
            <Versions id={message.id} versions={versions} />
          </footer>
        </>
      )}
    </article>
  );
});

function Edit({ message, onClose }: { message: Message; onClose: () => void }): ReactNode {
  const [text, setText] = useState(message.text);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(message.text.length, message.text.length);
  }, [message.text]);
  function send(): void {
    if (text.trim() === "") return;
    onClose();
    chat.edit(message, text.trim());
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    }
  }
  return (
    <div className="edit">
      <textarea ref={field} aria-label={t("chat.edit")} value={text} rows={Math.min(12, text.split("\n").length + 1)} onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown} />
      <p className="help">{t("chat.editHelp")}</p>
      <div className="row end">
        <button type="button" className="button" onClick={onClose}>{t("common.cancel")}</button>
        <button type="button" className="button primary" onClick={send}>{t("chat.send")}</button>
      </div>
    </div>
  );
}

function Attached({ attachments }: { attachments: readonly Attachment[] }): ReactNode {
  return (
    <ul className="attachments">
      {attachments.map((one) => (
        <li key={one.name} className="attachment">
          {one.kind === "image" ? <img src={one.content} alt={one.name} /> : <><Icon name="files" /><span>{one.name}</span></>}
        </li>
      ))}
    </ul>
  );
}

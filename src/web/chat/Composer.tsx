// Where a question is written: it grows with its text, takes files by button, paste and drop, and stops an answer.

import { type ClipboardEvent, type DragEvent, type KeyboardEvent, type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Icon } from "../parts/Icon.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { t } from "../strings/translate.ts";
import { attach } from "./attach.ts";
import { keepDraft, readDraft } from "./draft.ts";
import { chat } from "./store.ts";
import type { Attachment } from "./tree.ts";

interface Props {
  isBusy: boolean;
  /** Why nothing can be asked; `null` when something can. */
  hindrance: string | null;
  /** Buttons beside the paper clip. */
  children?: ReactNode;
  /** A text that is put into the field from elsewhere. */
  inserted: { text: string } | null;
}

export function Composer({ isBusy, hindrance, children, inserted }: Props): ReactNode {
  const [text, setText] = useState(readDraft);
  const [attachments, setAttachments] = useState<Attachment[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);
  useGrowing(field, text);
  useEffect(() => keepDraft(text), [text]);
  const [seen, setSeen] = useState(inserted);
  if (inserted !== seen) {
    setSeen(inserted);
    if (inserted) setText((before) => (before ? `${before}\n${inserted.text}` : inserted.text));
  }
  useEffect(() => field.current?.focus(), [inserted]);

  async function take(list: Iterable<File>): Promise<void> {
    setProblem(null);
    for (const file of list) {
      try {
        const attachment = await attach(file);
        setAttachments((before) => [...before.filter((one) => one.name !== attachment.name), attachment]);
      } catch (error) {
        setProblem(messageOf(error));
      }
    }
  }
  function send(): void {
    if (text.trim() === "" || hindrance || isBusy) return;
    chat.send(text.trim(), attachments);
    setText("");
    setAttachments([]);
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }
  function onPaste(event: ClipboardEvent): void {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    void take(event.clipboardData.files);
  }
  function onDrop(event: DragEvent): void {
    event.preventDefault();
    void take(event.dataTransfer.files);
  }
  return (
    // A drop is one of three ways to the same end; the other two need no pointer.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form className="composer" aria-label={t("chat.ask")} onDragOver={(event) => event.preventDefault()} onDrop={onDrop}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}>
      {problem && <Notice title={problem} />}
      {attachments.length > 0 && <Chosen attachments={attachments} onRemove={(name) => setAttachments((before) => before.filter((one) => one.name !== name))} />}
      <textarea ref={field} id="question" rows={1} value={text} aria-label={t("chat.question")} placeholder={hindrance ?? t("chat.placeholder")} onKeyDown={onKeyDown} onPaste={onPaste}
        onChange={(event) => setText(event.target.value)} />
      <div className="composer-row">
        <input ref={files} type="file" multiple hidden aria-label={t("chat.attach")} onChange={(event) => {
          void take([...(event.target.files ?? [])]);
          event.target.value = "";
        }} />
        <button type="button" className="icon-button" title={t("chat.attach")} aria-label={t("chat.attach")} onClick={() => files.current?.click()}><Icon name="clip" /></button>
        {children}
        <span className="spring" />
        {isBusy ? (
          <button key="stop" type="button" className="send" title={t("chat.stop")} aria-label={t("chat.stop")} onClick={() => chat.stop()}><Icon name="stop" /></button>
        ) : (
          <button key="send" type="submit" className="send" title={t("chat.send")} aria-label={t("chat.send")} disabled={text.trim() === "" || hindrance !== null}><Icon name="send" /></button>
        )}
      </div>
    </form>
  );
}

/** The field is as high as its text, up to what the style sheet allows; newer browsers do this by themselves. */
function useGrowing(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    if (!CSS.supports("field-sizing", "content")) fit(field.current);
  }, [field, text]);
}

function fit(element: HTMLElement | null): void {
  element?.style.setProperty("height", "auto");
  element?.style.setProperty("height", `${element.scrollHeight}px`);
}

function Chosen({ attachments, onRemove }: { attachments: readonly Attachment[]; onRemove: (name: string) => void }): ReactNode {
  return (
    <ul className="attachments">
      {attachments.map((one) => (
        <li key={one.name} className="attachment">
          {one.kind === "image" ? <img src={one.content} alt="" /> : <Icon name="files" />}
          <span>{one.name}</span>
          <button type="button" className="icon-button tiny" aria-label={t("chat.removeFile", { name: one.name })} onClick={() => onRemove(one.name)}><Icon name="close" /></button>
        </li>
      ))}
    </ul>
  );
}

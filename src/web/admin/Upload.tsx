// Files on their way into a repository: chosen, sent with progress, then handed to the jobs that read them.

import { type ReactNode, useRef, useState } from "react";
import { type Collection, ingest, type Repository, upload } from "../api/repositories.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { TextField } from "../parts/Field.tsx";
import { Icon } from "../parts/Icon.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { t } from "../strings/translate.ts";

/** What the presigned address takes. */
const MOST = 52_428_800;
const ACCEPTED = ".pdf,.docx,.pptx,.xlsx,.txt,.md,.html,.rtf,.csv,.json,.yaml,.yml,.xml,.log";

interface Props {
  repository: Repository;
  collection: Collection | undefined;
  onClose: () => void;
  onDone: () => Promise<void>;
}

export function Upload({ repository, collection, onClose, onDone }: Props): ReactNode {
  const [files, setFiles] = useState<File[]>([]);
  const [sent, setSent] = useState<Record<string, number>>({});
  const [size, setSize] = useState("512");
  const [overlap, setOverlap] = useState("51");
  const [problem, setProblem] = useState<string | null>(null);
  const [abort, setAbort] = useState<AbortController | null>(null);
  const field = useRef<HTMLInputElement>(null);
  function take(list: Iterable<File>): void {
    const chosen = [...list];
    const large = chosen.find((file) => file.size > MOST);
    setProblem(large ? t("attach.tooLarge", { name: large.name, size: "50 MB" }) : null);
    setFiles((before) => [...before, ...chosen.filter((file) => file.size <= MOST && !before.some((one) => one.name === file.name))]);
  }
  async function send(): Promise<void> {
    const controller = new AbortController();
    setAbort(controller);
    setProblem(null);
    try {
      const keys: string[] = [];
      for (const file of files) {
        keys.push(await upload(file, (share) => setSent((before) => ({ ...before, [file.name]: share })), controller.signal));
      }
      await ingest(repository, keys, collection, { size: Number(size), overlap: Number(overlap) });
      await onDone();
      onClose();
    } catch (error) {
      if (!controller.signal.aborted) setProblem(messageOf(error));
      setAbort(null);
    }
  }
  return (
    <Dialog title={t("documents.upload")} onClose={() => {
      abort?.abort();
      onClose();
    }} actions={<button type="button" className="button primary" disabled={files.length === 0 || abort !== null} onClick={() => void send()}>{t("documents.send")}</button>}>
      {problem && <Notice title={problem} />}
      <button type="button" className="drop" onClick={() => field.current?.click()} onDragOver={(event) => event.preventDefault()} onDrop={(event) => {
        event.preventDefault();
        take(event.dataTransfer.files);
      }}>
        <Icon name="upload" />
        <span>{t("documents.drop")}</span>
        <small>{t("documents.accepted")}</small>
      </button>
      <input ref={field} type="file" multiple hidden accept={ACCEPTED} aria-label={t("documents.upload")} data-testid="upload" onChange={(event) => take(event.target.files ?? [])} />
      <ul className="files">
        {files.map((file) => (
          <li key={file.name}>
            <span>{file.name}</span>
            {sent[file.name] === undefined ? (
              <button type="button" className="icon-button tiny" aria-label={t("chat.removeFile", { name: file.name })} onClick={() => setFiles(files.filter((one) => one !== file))}><Icon name="close" /></button>
            ) : (
              <progress max={1} value={sent[file.name]} aria-label={file.name} />
            )}
          </li>
        ))}
      </ul>
      <div className="columns">
        <TextField type="number" label={t("documents.chunkSize")} min={100} max={10_000} value={size} onChange={setSize} />
        <TextField type="number" label={t("documents.chunkOverlap")} min={0} value={overlap} onChange={setOverlap} />
      </div>
    </Dialog>
  );
}

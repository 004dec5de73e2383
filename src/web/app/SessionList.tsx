// Conversations by time, with search, rename, pin, export and delete.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useRef, useState } from "react";
import { Link, useLocation, useRoute } from "wouter";
import { deleteSession, exportSession, type Head, listSessions, pinSession, renameSession, searchSessions } from "../api/sessions.ts";
import { chat } from "../chat/store.ts";
import { Confirm } from "../parts/Dialog.tsx";
import { saveFile } from "../parts/files.ts";
import { Icon } from "../parts/Icon.tsx";
import { Menu } from "../parts/Menu.tsx";
import { t } from "../strings/translate.ts";
import { grouped } from "./times.ts";

export function SessionList({ onOpen }: { onOpen: () => void }): ReactNode {
  const [query, setQuery] = useState("");
  const wanted = useDeferredValue(query.trim());
  const sessions = useQuery({ queryKey: ["sessions"], queryFn: listSessions, retry: false });
  const found = useQuery({ queryKey: ["sessions", "search", wanted], queryFn: ({ signal }) => searchSessions(wanted, signal), enabled: wanted.length > 1, retry: false });
  const heads = sessions.data ?? [];
  // A server without a search of its own still has the names.
  const named = heads.filter((head) => titleOf(head).toLowerCase().includes(wanted.toLowerCase()));
  const hits = (found.data ?? []).map(({ sessionId, excerpt }): Head => heads.find((head) => head.sessionId === sessionId) ?? { sessionId, name: "", firstHumanMessage: excerpt, lastUpdated: "", pinned: false });
  const listed = wanted === "" ? heads : [...new Map([...named, ...hits].map((head) => [head.sessionId, head])).values()];
  return (
    <>
      <div className="session-search">
        <Icon name="search" />
        <input type="search" value={query} aria-label={t("sessions.search")} placeholder={t("sessions.search")} onChange={(event) => setQuery(event.target.value)} />
      </div>
      <nav className="sessions" aria-label={t("sessions.title")}>
        {grouped(listed, new Date()).map(({ group, items }) => (
          <section key={group}>
            <h2>{t(`sessions.${group}`)}</h2>
            <ul>{items.map((head) => <Row key={head.sessionId} head={head} onOpen={onOpen} />)}</ul>
          </section>
        ))}
        {sessions.isSuccess && listed.length === 0 && <p className="help">{t(wanted ? "common.nothing" : "sessions.none")}</p>}
        {sessions.isError && <p className="help">{t("sessions.unreachable")}</p>}
      </nav>
    </>
  );
}

export function titleOf(head: Head): string {
  return head.name || head.firstHumanMessage || t("sessions.unnamed");
}

function Row({ head, onOpen }: { head: Head; onOpen: () => void }): ReactNode {
  const [isNamed, setNamed] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const [isCurrent] = useRoute(`/chat/${head.sessionId}`);
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ["sessions"] });
  const rename = useMutation({ mutationFn: (name: string) => renameSession(head.sessionId, name), onSettled: refresh });
  const pin = useMutation({ mutationFn: () => pinSession(head.sessionId, !head.pinned), onSettled: refresh });
  const remove = useMutation({
    mutationFn: () => deleteSession(head.sessionId),
    onSuccess: () => {
      if (isCurrent) navigate("/");
    },
    onSettled: refresh,
  });
  const title = titleOf(head);
  if (isNamed) {
    return (
      <li>
        <NameField name={title} onClose={() => setNamed(false)} onName={(name) => {
          rename.mutate(name);
          if (isCurrent) chat.rename(name);
        }} />
      </li>
    );
  }
  return (
    <li className="session" data-current={isCurrent}>
      <Link href={`/chat/${head.sessionId}`} className="session-link" aria-current={isCurrent ? "page" : undefined} onClick={onOpen}>
        {head.pinned && <Icon name="pin" />}
        <span>{rename.isPending ? rename.variables : title}</span>
      </Link>
      <Menu label={t("sessions.actions", { name: title })} items={[
        { label: t("sessions.rename"), icon: "edit", act: () => setNamed(true) },
        { label: t(head.pinned ? "sessions.unpin" : "sessions.pin"), icon: "pin", act: () => pin.mutate() },
        { label: t("sessions.export"), icon: "download", act: () => void download(head) },
        { label: t("common.delete"), icon: "trash", danger: true, act: () => setAsked(true) },
      ]} />
      {isAsked && (
        <Confirm title={t("sessions.deleteTitle")} action={t("common.delete")} onClose={() => setAsked(false)} onConfirm={() => remove.mutate()}>
          <p>{t("sessions.deleteText", { name: title })}</p>
        </Confirm>
      )}
    </li>
  );
}

function NameField({ name, onName, onClose }: { name: string; onName: (name: string) => void; onClose: () => void }): ReactNode {
  const [text, setText] = useState(name);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape") onClose();
    if (event.key === "Enter") {
      if (text.trim() !== "") onName(text.trim());
      onClose();
    }
  }
  return <input ref={field} className="session-name" value={text} aria-label={t("sessions.name")} onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown} onBlur={onClose} />;
}

async function download(head: Head): Promise<void> {
  saveFile(`${titleOf(head).slice(0, 60)}.json`, JSON.stringify(await exportSession(head.sessionId), null, 2), "application/json");
}

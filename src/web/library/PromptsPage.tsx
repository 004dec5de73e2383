// The prompt library: one's own prompts and those that are shared.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { createPrompt, deletePrompt, EVERYONE, listPrompts, type Prompt, type PromptDraft, updatePrompt } from "../api/small.ts";
import { Confirm, Dialog } from "../parts/Dialog.tsx";
import { SelectField, Switch, TextField } from "../parts/Field.tsx";
import { Icon } from "../parts/Icon.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { Page } from "../parts/Page.tsx";
import { t } from "../strings/translate.ts";

type Open = { kind: "edit"; prompt: Prompt | null } | { kind: "remove"; prompt: Prompt } | null;

export function PromptsPage(): ReactNode {
  const prompts = useQuery({ queryKey: ["prompts"], queryFn: listPrompts });
  const queries = useQueryClient();
  const remove = useMutation({ mutationFn: (prompt: Prompt) => deletePrompt(prompt.id), onSettled: () => queries.invalidateQueries({ queryKey: ["prompts"] }) });
  const [open, setOpen] = useState<Open>(null);
  return (
    <Page title={t("prompts.title")} lead={t("prompts.lead")} query={prompts} actions={<button type="button" className="button primary" onClick={() => setOpen({ kind: "edit", prompt: null })}><Icon name="plus" />{t("prompts.add")}</button>}>
      {remove.error && <Notice title={messageOf(remove.error)} />}
      {prompts.data?.length === 0 && <p className="nothing">{t("prompts.none")}</p>}
      <ul className="cards">
        {prompts.data?.map((prompt) => (
          <li key={prompt.id} className="card">
            <header className="card-head">
              <h2>{prompt.title}</h2>
              <span className="tag">{t(`prompts.${prompt.type}`)}</span>
              {prompt.groups.includes(EVERYONE) && <span className="tag">{t("prompts.shared")}</span>}
            </header>
            <p className="card-text">{prompt.body}</p>
            <footer className="row end">
              <button type="button" className="button small" onClick={() => setOpen({ kind: "remove", prompt })}>{t("common.delete")}</button>
              <button type="button" className="button small" onClick={() => setOpen({ kind: "edit", prompt })}>{t("common.edit")}</button>
            </footer>
          </li>
        ))}
      </ul>
      {open?.kind === "edit" && <Editor prompt={open.prompt} onClose={() => setOpen(null)} />}
      {open?.kind === "remove" && (
        <Confirm title={t("prompts.deleteTitle")} action={t("common.delete")} onClose={() => setOpen(null)} onConfirm={() => remove.mutate(open.prompt)}>
          <p>{t("prompts.deleteText", { name: open.prompt.title })}</p>
        </Confirm>
      )}
    </Page>
  );
}

function Editor({ prompt, onClose }: { prompt: Prompt | null; onClose: () => void }): ReactNode {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<PromptDraft>({ title: prompt?.title ?? "", body: prompt?.body ?? "", type: prompt?.type ?? "directive", groups: prompt?.groups ?? [] });
  const set = (changes: Partial<PromptDraft>): void => setDraft((before) => ({ ...before, ...changes }));
  const save = useMutation({
    mutationFn: () => (prompt ? updatePrompt(prompt, draft) : createPrompt(draft)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["prompts"] });
      onClose();
    },
  });
  const isWhole = draft.title.trim() !== "" && draft.body.trim() !== "";
  return (
    <Dialog title={t(prompt ? "prompts.edit" : "prompts.add")} onClose={onClose} actions={
      <>
        <button type="button" className="button" onClick={onClose}>{t("common.cancel")}</button>
        <button type="button" className="button primary" disabled={!isWhole || save.isPending} onClick={() => save.mutate()}>{t("common.save")}</button>
      </>
    }>
      {save.error && <Notice title={messageOf(save.error)} />}
      <TextField label={t("prompts.name")} value={draft.title} required onChange={(title) => set({ title })} />
      <SelectField label={t("prompts.kind")} help={t("prompts.kindHelp")} value={draft.type} onChange={(type) => set({ type: type as Prompt["type"] })}
        options={(["directive", "persona"] as const).map((value) => ({ value, label: t(`prompts.${value}`) }))} />
      <TextField label={t("prompts.body")} rows={8} value={draft.body} required onChange={(body) => set({ body })} />
      <Switch label={t("prompts.share")} checked={draft.groups.includes(EVERYONE)} onChange={(on) => set({ groups: on ? [EVERYONE] : [] })} />
    </Dialog>
  );
}

// Repositories, and for one of them its collections, documents, uploads and jobs.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";
import { createRepository, deleteRepository, listRepositories, type Repository } from "../api/repositories.ts";
import { usePerson } from "../app/person.ts";
import { Confirm, Dialog } from "../parts/Dialog.tsx";
import { SelectField, TextField } from "../parts/Field.tsx";
import { Icon } from "../parts/Icon.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { Page } from "../parts/Page.tsx";
import { t } from "../strings/translate.ts";
import { RepositoryView } from "./RepositoryView.tsx";

export function DocumentsPage({ repositoryId }: { repositoryId: string | null }): ReactNode {
  const repositories = useQuery({ queryKey: ["repositories"], queryFn: listRepositories });
  const chosen = repositories.data?.find((one) => one.repositoryId === repositoryId);
  return chosen ? <RepositoryView key={chosen.repositoryId} repository={chosen} /> : <List query={repositories} />;
}

function List({ query }: { query: { data: Repository[] | undefined; isPending: boolean; error: Error | null; refetch: () => unknown } }): ReactNode {
  const { isAdmin } = usePerson();
  const [isAdding, setAdding] = useState(false);
  const [asked, setAsked] = useState<Repository | null>(null);
  const queries = useQueryClient();
  const remove = useMutation({ mutationFn: (one: Repository) => deleteRepository(one.repositoryId), onSettled: () => queries.invalidateQueries({ queryKey: ["repositories"] }) });
  return (
    <Page title={t("documents.title")} lead={t("documents.lead")} query={query} actions={isAdmin && <button type="button" className="button primary" onClick={() => setAdding(true)}><Icon name="plus" />{t("documents.addRepository")}</button>}>
      {remove.error && <Notice title={messageOf(remove.error)} />}
      {query.data?.length === 0 && <p className="nothing">{t("documents.noRepositories")}</p>}
      <ul className="cards">
        {query.data?.map((repository) => (
          <li key={repository.repositoryId} className="card">
            <header className="card-head"><h2><Link href={`/documents/${encodeURIComponent(repository.repositoryId)}`}>{repository.repositoryName ?? repository.repositoryId}</Link></h2><span className="tag">{repository.type}</span></header>
            <dl className="facts">
              {repository.embeddingModelId && <div><dt>{t("documents.embedding")}</dt><dd>{repository.embeddingModelId}</dd></div>}
              {repository.status && <div><dt>{t("models.status")}</dt><dd>{repository.status}</dd></div>}
            </dl>
            {isAdmin && <footer className="row end"><button type="button" className="button small" aria-label={t("documents.deleteName", { name: repository.repositoryId })} onClick={() => setAsked(repository)}>{t("common.delete")}</button></footer>}
          </li>
        ))}
      </ul>
      {isAdding && <NewRepository onClose={() => setAdding(false)} />}
      {asked && (
        <Confirm title={t("documents.deleteRepositoryTitle")} action={t("common.delete")} onClose={() => setAsked(null)} onConfirm={() => remove.mutate(asked)}>
          <p>{t("documents.deleteRepositoryText", { name: asked.repositoryId })}</p>
        </Confirm>
      )}
    </Page>
  );
}

const TYPES = ["pgvector", "opensearch", "embedded"] as const;

function NewRepository({ onClose }: { onClose: () => void }): ReactNode {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  const [type, setType] = useState<string>(TYPES[0]);
  const [model, setModel] = useState("");
  const add = useMutation({
    mutationFn: () => createRepository({ repositoryId: id, type, ...(name ? { repositoryName: name } : {}), ...(model ? { embeddingModelId: model } : {}) }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["repositories"] });
      onClose();
      navigate(`/documents/${encodeURIComponent(id)}`);
    },
  });
  const isWhole = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(id);
  return (
    <Dialog title={t("documents.addRepository")} onClose={onClose} actions={
      <>
        <button type="button" className="button" onClick={onClose}>{t("common.cancel")}</button>
        <button type="button" className="button primary" disabled={!isWhole || add.isPending} onClick={() => add.mutate()}>{t("common.add")}</button>
      </>
    }>
      {add.error && <Notice title={messageOf(add.error)} />}
      <TextField label={t("documents.id")} help={t("documents.idHelp")} value={id} required onChange={setId} />
      <TextField label={t("documents.name")} value={name} onChange={setName} />
      <SelectField label={t("documents.store")} value={type} options={TYPES.map((value) => ({ value, label: value }))} onChange={setType} />
      <TextField label={t("documents.embedding")} value={model} onChange={setModel} />
    </Dialog>
  );
}

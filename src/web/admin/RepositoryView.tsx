// A repository: its collections, the documents in them, and the jobs that read and remove them.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { Link } from "wouter";
import {
  cancelJob, type Collection, createCollection, deleteCollection, deleteDocuments, type Document, type Job, listCollections, listDocuments, listJobs, type Repository,
} from "../api/repositories.ts";
import { usePerson } from "../app/person.ts";
import { Confirm, Dialog } from "../parts/Dialog.tsx";
import { SelectField, TextField } from "../parts/Field.tsx";
import { Icon } from "../parts/Icon.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { Page } from "../parts/Page.tsx";
import { t } from "../strings/translate.ts";
import { Upload } from "./Upload.tsx";

const isMoving = (job: Job): boolean => /PENDING|PROGRESS/i.test(job.status);

type Open = { kind: "upload" | "collection" | "removeCollection" } | { kind: "removeDocument"; document: Document } | null;

export function RepositoryView({ repository }: { repository: Repository }): ReactNode {
  const id = repository.repositoryId;
  const { isAdmin } = usePerson();
  const queries = useQueryClient();
  const [collectionId, setCollection] = useState("");
  const [open, setOpen] = useState<Open>(null);
  const jobs = useQuery({ queryKey: ["jobs", id], queryFn: () => listJobs(id), retry: false, refetchInterval: ({ state }) => (state.data?.some(isMoving) ? 1500 : 15_000) });
  const moving = jobs.data?.filter(isMoving).length;
  const collections = useQuery({ queryKey: ["collections", id], queryFn: () => listCollections(id), retry: false });
  const documents = useQuery({ queryKey: ["documents", id, collectionId], queryFn: () => listDocuments(id, collectionId || undefined) });
  useEffect(() => {
    // What a job has done is seen when it ends.
    for (const name of ["documents", "collections"]) void queries.invalidateQueries({ queryKey: [name, id] });
  }, [moving, id, queries]);
  const refresh = async (): Promise<void> => {
    await Promise.all(["documents", "jobs", "collections"].map((name) => queries.invalidateQueries({ queryKey: [name, id] })));
  };
  const remove = useMutation({ mutationFn: (document: Document) => deleteDocuments(id, [document.document_id]), onSettled: refresh });
  const removeCollection = useMutation({ mutationFn: () => deleteCollection(id, collectionId), onSuccess: () => setCollection(""), onSettled: refresh });
  const cancel = useMutation({ mutationFn: (job: Job) => cancelJob(id, job.id), onSettled: refresh });
  const problem = remove.error ?? removeCollection.error ?? cancel.error;
  const chosen = collections.data?.find((one) => one.collectionId === collectionId);
  return (
    <Page title={repository.repositoryName ?? id} query={documents} crumb={<Link href="/documents"><Icon name="left" />{t("documents.title")}</Link>} actions={<button type="button" className="button primary" onClick={() => setOpen({ kind: "upload" })}><Icon name="upload" />{t("documents.upload")}</button>}>
      {problem && <Notice title={messageOf(problem)} />}
      <div className="tools">
        <SelectField label={t("documents.collection")} value={collectionId} onChange={setCollection}
          options={[{ value: "", label: t("documents.allCollections") }, ...(collections.data ?? []).map((one) => ({ value: one.collectionId, label: one.name ?? one.collectionId }))]} />
        {isAdmin && <button type="button" className="button" onClick={() => setOpen({ kind: "collection" })}>{t("documents.addCollection")}</button>}
        {isAdmin && chosen && <button type="button" className="button" onClick={() => setOpen({ kind: "removeCollection" })}>{t("documents.deleteCollection")}</button>}
      </div>
      {jobs.data && jobs.data.length > 0 && <Jobs jobs={jobs.data} onCancel={(job) => cancel.mutate(job)} />}
      {documents.data?.length === 0 ? <p className="nothing">{t("documents.none")}</p> : <Documents documents={documents.data ?? []} onRemove={(document) => setOpen({ kind: "removeDocument", document })} />}
      {open?.kind === "upload" && <Upload repository={repository} collection={chosen} onClose={() => setOpen(null)} onDone={refresh} />}
      {open?.kind === "collection" && <NewCollection repository={id} onClose={() => setOpen(null)} onDone={refresh} />}
      {open?.kind === "removeCollection" && (
        <Confirm title={t("documents.deleteCollection")} action={t("common.delete")} onClose={() => setOpen(null)} onConfirm={() => removeCollection.mutate()}>
          <p>{t("documents.deleteCollectionText", { name: chosen?.name ?? collectionId })}</p>
        </Confirm>
      )}
      {open?.kind === "removeDocument" && (
        <Confirm title={t("documents.deleteTitle")} action={t("common.delete")} onClose={() => setOpen(null)} onConfirm={() => remove.mutate(open.document)}>
          <p>{t("documents.deleteText", { name: open.document.document_name })}</p>
        </Confirm>
      )}
    </Page>
  );
}

function Documents({ documents, onRemove }: { documents: readonly Document[]; onRemove: (document: Document) => void }): ReactNode {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table" role="region" aria-label={t("documents.documents")} tabIndex={0}>
      <table>
        <thead><tr>{(["document", "collection", "chunks", "owner"] as const).map((name) => <th key={name} scope="col">{t(`documents.${name}`)}</th>)}<th scope="col"><span className="unseen">{t("common.actions")}</span></th></tr></thead>
        <tbody>
          {documents.map((document) => (
            <tr key={document.document_id}>
              <th scope="row">{document.document_name}</th>
              <td>{document.collection_id ?? ""}</td>
              <td>{document.chunks ?? ""}</td>
              <td>{document.username ?? ""}</td>
              <td><button type="button" className="button small" aria-label={t("documents.deleteName", { name: document.document_name })} onClick={() => onRemove(document)}>{t("common.delete")}</button></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const SHOWN_JOBS = 8;

function Jobs({ jobs, onCancel }: { jobs: readonly Job[]; onCancel: (job: Job) => void }): ReactNode {
  return (
    <section className="jobs" aria-label={t("documents.jobs")}>
      <h2>{t("documents.jobs")}</h2>
      <ul aria-live="polite">
        {jobs.slice(0, SHOWN_JOBS).map((job) => (
          <li key={job.id} className="job" data-kind={isMoving(job) ? "moving" : /FAIL/i.test(job.status) ? "ill" : "well"}>
            <span className="job-name">{job.name}</span>
            {isMoving(job) && <progress aria-label={job.name} max={1} value={job.share} />}
            <span className="job-status">{spelled(job.status)}</span>
            {isMoving(job) && <button type="button" className="button small" onClick={() => onCancel(job)}>{t("common.cancel")}</button>}
            {job.cause && <p className="status-cause">{job.cause}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `INGESTION_IN_PROGRESS` and `DELETE_COMPLETED` in the reader's words. */
function spelled(status: string): string {
  const deletes = /^DELETE_(PENDING|IN_PROGRESS|COMPLETED)$/i.exec(status)?.[1]?.toUpperCase();
  if (deletes) return t(deletes === "COMPLETED" ? "job.deleted" : "job.deleting");
  const end = /(PENDING|IN_PROGRESS|COMPLETED|FAILED|CANCELLED|CANCELED)$/i.exec(status)?.[1]?.toUpperCase();
  switch (end) {
    case "PENDING": return t("job.pending");
    case "IN_PROGRESS": return t("job.running");
    case "COMPLETED": return t("job.done");
    case "FAILED": return t("job.failed");
    case undefined: return status;
    default: return t("job.cancelled");
  }
}

function NewCollection({ repository, onClose, onDone }: { repository: string; onClose: () => void; onDone: () => Promise<void> }): ReactNode {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [model, setModel] = useState("");
  const add = useMutation({
    mutationFn: (): Promise<Collection> => createCollection(repository, { name, ...(description ? { description } : {}), ...(model ? { embeddingModel: model } : {}) }) as Promise<Collection>,
    onSuccess: async () => {
      await onDone();
      onClose();
    },
  });
  return (
    <Dialog title={t("documents.addCollection")} onClose={onClose} actions={
      <>
        <button type="button" className="button" onClick={onClose}>{t("common.cancel")}</button>
        <button type="button" className="button primary" disabled={name.trim() === "" || add.isPending} onClick={() => add.mutate()}>{t("common.add")}</button>
      </>
    }>
      {add.error && <Notice title={messageOf(add.error)} />}
      <TextField label={t("documents.name")} value={name} required onChange={setName} />
      <TextField label={t("models.description")} value={description} onChange={setDescription} />
      <TextField label={t("documents.embedding")} help={t("documents.embeddingHelp")} value={model} onChange={setModel} />
    </Dialog>
  );
}

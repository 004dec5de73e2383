// Repositories, collections, documents, jobs and search: the types that `/repository` speaks, and its calls.

import type { Source } from "../chat/tree.ts";
import { ApiError, failure, rest } from "./request.ts";

export interface Repository {
  repositoryId: string;
  repositoryName?: string;
  type: string;
  status?: string;
  embeddingModelId?: string;
}

export interface Collection {
  collectionId: string;
  repositoryId?: string;
  name?: string;
  description?: string;
  status?: string;
  embeddingModel?: string;
}

export interface Document {
  document_id: string;
  document_name: string;
  collection_id?: string;
  source?: string;
  upload_date?: number | string;
  size?: number;
  chunks?: number;
  username?: string;
}

export interface Job {
  id: string;
  status: string;
  /** The document's, else the collection's, else the job's own. */
  name: string;
  /** Of the work, from none to all; unknown where the service does not say. */
  share?: number | undefined;
  /** Why it failed. */
  cause?: string | undefined;
}

interface WireJob {
  id?: string;
  jobId?: string;
  job_id?: string;
  status: string;
  document_name?: string;
  s3_path?: string | null;
  collection_id?: string;
  progress?: { done: number; total: number };
  error_message?: string | null;
}

const at = (id: string, rest_ = ""): string => `/repository/${encodeURIComponent(id)}${rest_}`;

/** Lists come bare (3.x) or in an object that also pages (6.x). */
function list<T>(found: T[] | Record<string, unknown> | null, name: string): T[] {
  if (Array.isArray(found)) return found;
  const inner = found?.[name];
  return Array.isArray(inner) ? (inner as T[]) : [];
}

export const listRepositories = async (): Promise<Repository[]> => list(await rest<Repository[]>("/repository"), "repositories");

export const listCollections = async (id: string): Promise<Collection[]> => list(await rest<Collection[]>(at(id, "/collection")), "collections");

export async function listDocuments(id: string, collectionId?: string): Promise<Document[]> {
  return list(await rest<Document[]>(at(id, "/document"), { query: { collectionId } }), "documents");
}

export const listJobs = async (id: string): Promise<Job[]> => list(await rest<WireJob[]>(at(id, "/jobs")), "jobs").map(job);

/** A job as it is shown. Spellings of its id differ by version. */
export function job(wire: WireJob): Job {
  const id = wire.id ?? wire.jobId ?? wire.job_id ?? "";
  const { done, total } = wire.progress ?? { done: 0, total: 0 };
  return {
    id,
    status: wire.status,
    name: wire.document_name ?? wire.s3_path?.split("/").at(-1) ?? wire.collection_id ?? id,
    share: total > 0 ? done / total : undefined,
    cause: wire.error_message ?? undefined,
  };
}

export const cancelJob = (id: string, job: string): Promise<unknown> => rest(at(id, `/jobs/${encodeURIComponent(job)}`), { method: "DELETE" });

export const deleteDocuments = (id: string, documentIds: string[]): Promise<unknown> =>
  rest(at(id, "/document"), { method: "DELETE", body: { documentIds } });

export const createRepository = (body: { repositoryId: string; repositoryName?: string; type: string; embeddingModelId?: string }): Promise<unknown> =>
  rest("/repository", { method: "POST", body });

export const deleteRepository = (id: string): Promise<unknown> => rest(at(id), { method: "DELETE" });

export const createCollection = (id: string, body: { name: string; description?: string; embeddingModel?: string }): Promise<unknown> =>
  rest(at(id, "/collection"), { method: "POST", body });

export const deleteCollection = (id: string, collection: string): Promise<unknown> =>
  rest(at(id, `/collection/${encodeURIComponent(collection)}`), { method: "DELETE" });

/** How a document is cut. */
export interface Chunking {
  size: number;
  overlap: number;
}

/** Sends a file to the documents' bucket; `progress` is told the share that has gone. Returns its key. */
export async function upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<string> {
  const { response } = await rest<{ response: { url: string; fields: Record<string, string> } }>("/repository/presigned-url", {
    method: "POST",
    body: file.name,
    signal,
  });
  const form = new FormData();
  for (const [name, value] of Object.entries(response.fields)) form.append(name, value);
  form.append("file", file);
  await post(response.url, form, progress, signal);
  return response.fields.key ?? file.name;
}

/** `fetch` does not say how much has gone. */
function post(url: string, form: FormData, progress: (share: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", new URL(url, document.baseURI).href);
    request.upload.onprogress = (event) => progress(event.total > 0 ? event.loaded / event.total : 0);
    request.onerror = () => reject(new ApiError(0, "UploadFailed", "the connection broke"));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(new ApiError(request.status, "UploadRefused", request.responseText.slice(0, 300) || request.statusText));
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

/** Starts the jobs that read uploaded files. */
export function ingest(repository: Repository, keys: string[], collection: Collection | undefined, chunking: Chunking): Promise<unknown> {
  const model = collection?.embeddingModel ?? repository.embeddingModelId;
  return rest(at(repository.repositoryId, "/bulk"), {
    method: "POST",
    query: { repositoryType: repository.type, chunkSize: chunking.size, chunkOverlap: chunking.overlap, collectionId: collection?.collectionId },
    body: { keys, ...(model ? { embeddingModel: { modelName: model } } : {}), ...(collection ? { collectionId: collection.collectionId } : {}) },
  });
}

interface Found {
  Document: { page_content: string; metadata: Record<string, unknown> };
  score?: number;
}

export interface Search {
  repository: Repository;
  collection?: string | undefined;
  query: string;
  count: number;
  signal: AbortSignal;
}

/** The passages nearest to a question, numbered as they are cited. */
export async function search({ repository, collection, query, count, signal }: Search): Promise<Source[]> {
  const { docs } = await rest<{ docs: Found[] }>(at(repository.repositoryId, "/similaritySearch"), {
    query: { query, topK: count, repositoryType: repository.type, modelName: repository.embeddingModelId, collectionId: collection },
    signal,
  });
  return docs.map((found, index) => source(found, index + 1, repository.repositoryId));
}

function source({ Document: { page_content, metadata }, score }: Found, number: number, repositoryId: string): Source {
  const text = (...names: string[]): string | undefined => names.map((name) => metadata[name]).find((value) => typeof value === "string");
  const count = (...names: string[]): number | undefined => names.map((name) => metadata[name]).find((value) => typeof value === "number");
  const path = text("name", "document_name", "title", "source") ?? "";
  const { first: page = count("page", "page_number"), last } = (metadata["pages"] ?? {}) as { first?: number; last?: number };
  const documentId = text("document_id", "documentId");
  const rank = score ?? count("similarity_score", "score");
  return {
    number,
    text: page_content,
    title: path.split("/").at(-1) ?? path,
    repositoryId,
    ...(page === undefined ? {} : { page }),
    ...(last === undefined || last === page ? {} : { lastPage: last }),
    ...(documentId === undefined ? {} : { documentId }),
    ...(rank === undefined ? {} : { score: rank }),
  };
}

/** A document's own bytes: by the address that the service signs for it. */
export async function download(repositoryId: string, documentId: string, signal: AbortSignal): Promise<ArrayBuffer> {
  const found = await rest<string | { url?: string; downloadUrl?: string }>(at(repositoryId, `/${encodeURIComponent(documentId)}/download`), { signal });
  const url = typeof found === "string" ? found : (found.url ?? found.downloadUrl ?? "");
  const response = await fetch(new URL(url, document.baseURI), { signal });
  if (!response.ok) throw await failure(response);
  return response.arrayBuffer();
}

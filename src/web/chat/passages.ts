// Passages for a question: a follow-up is made a question of its own first, since a search knows no conversation.

import { complete } from "../api/chat.ts";
import { listRepositories, search } from "../api/repositories.ts";
import { standalone } from "./request.ts";
import type { Settings } from "./settings.ts";
import type { Message, Source } from "./tree.ts";

/** The passages that an answer is given, numbered as they are cited. */
export async function findPassages(path: readonly Message[], settings: Settings, signal: AbortSignal): Promise<Source[]> {
  const repository = (await listRepositories()).find((one) => one.repositoryId === settings.repository);
  if (!repository) return [];
  const query = await queryOf(path, settings, signal);
  return search({ repository, collection: settings.collection || undefined, query, count: settings.passages, signal });
}

async function queryOf(path: readonly Message[], settings: Settings, signal: AbortSignal): Promise<string> {
  const question = path.at(-1)?.text ?? "";
  const request = standalone(path, settings);
  if (!request) return question;
  let rewritten = "";
  try {
    await complete(request, signal, (piece) => {
      rewritten += piece.text ?? "";
    });
  } catch (error) {
    // Searching for the words as they are is better than not answering.
    if (signal.aborted) throw error;
  }
  return rewritten.trim() || question;
}

// The blocks of a message's text, read once and kept while the text stays the same.

import { type Blocks, parse } from "../markdown/stream.ts";

const kept = new Map<string, { text: string; blocks: Blocks }>();

/** More than the messages of a long conversation. */
const MOST = 3000;

export function blocksOf(id: string, text: string): Blocks {
  const found = kept.get(id);
  if (found?.text === text) return found.blocks;
  const blocks = parse(text);
  keep(id, text, blocks);
  return blocks;
}

/** Keeps the blocks of an answer that has just been written, so that none is drawn again. */
export function keep(id: string, text: string, blocks: Blocks): void {
  if (kept.size >= MOST) kept.clear();
  kept.set(id, { text, blocks });
}

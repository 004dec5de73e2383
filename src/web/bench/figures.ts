// Where the figures go: one JSON object in the file that `LISA_FIGURES` names, and the terminal.

import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Notes a figure by its name in `cargo xtask bench web`. */
export function note(name: string, value: number): void {
  console.log(`${name} ${value}`);
  const out = process.env.LISA_FIGURES;
  if (!out) return;
  const known = existsSync(out) ? (JSON.parse(readFileSync(out, "utf8")) as Record<string, number>) : {};
  writeFileSync(out, JSON.stringify({ ...known, [name]: value }));
}

export const median = (values: readonly number[]): number => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;

// Everything that can be done by a key or from the palette: each screen brings its own commands while it is shown.

import { useEffect, useSyncExternalStore } from "react";
import type { IconName } from "../parts/Icon.tsx";

export interface Command {
  id: string;
  label: string;
  icon: IconName;
  /** `Mod+K`: `Mod` is the command key of a Mac and Control elsewhere. A letter alone counts outside of fields. */
  keys?: string;
  act: () => void;
  when?: () => boolean;
}

const byScreen = new Map<string, Command[]>();
const listeners = new Set<() => void>();
let snapshot: Command[] = [];

/** Offers commands while the calling component is shown. */
export function useCommands(screen: string, commands: Command[]): void {
  useEffect(() => {
    byScreen.set(screen, commands);
    publish();
  });
  useEffect(
    () => () => {
      byScreen.delete(screen);
      publish();
    },
    [screen],
  );
}

function publish(): void {
  const all = [...byScreen.values()].flat();
  // Screens offer new functions with each drawing; the palette is drawn again only for other words.
  const isSame = all.length === snapshot.length && all.every((command, index) => command.label === snapshot[index]?.label);
  if (isSame) {
    snapshot.splice(0, all.length, ...all);
    return;
  }
  snapshot = all;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useAllCommands(): Command[] {
  return useSyncExternalStore(subscribe, () => snapshot);
}

export const isMac = typeof navigator !== "undefined" && /mac|iphone|ipad/i.test(navigator.platform);

/** Keys as they are printed: `⌘K`, `Ctrl K`. */
export function shown(keys: string): string {
  const names: Record<string, string> = isMac ? { Mod: "⌘", Shift: "⇧", Escape: "esc" } : { Mod: "Ctrl", Shift: "Shift", Enter: "Enter", Escape: "Esc" };
  return keys.split("+").map((key) => names[key] ?? key.toUpperCase()).join(isMac ? "" : " ");
}

/** Whether an event is these keys. */
export function matches(keys: string, event: KeyboardEvent, isField: boolean): boolean {
  const parts = keys.split("+");
  const key = parts.at(-1) ?? "";
  const wantsMod = parts.includes("Mod");
  if (wantsMod !== (isMac ? event.metaKey : event.ctrlKey) || event.altKey) return false;
  if (parts.includes("Shift") !== event.shiftKey && key !== "?") return false;
  if (!wantsMod && isField && key !== "Escape") return false;
  return event.key.toLowerCase() === key.toLowerCase();
}

/** Runs commands by key until the returned function is called. */
export function listen(): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    const isField = target?.matches("input, textarea, select, [contenteditable]") ?? false;
    // A dialog has the keyboard to itself.
    if (document.querySelector("dialog[open]")) return;
    const command = snapshot.find((one) => one.keys !== undefined && matches(one.keys, event, isField) && (one.when?.() ?? true));
    if (!command) return;
    event.preventDefault();
    command.act();
  };
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
}

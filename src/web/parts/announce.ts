// What a screen reader is told: short sentences, politely, one at a time.

type Listener = (text: string) => void;

const listeners = new Set<Listener>();

/** Says a sentence to those who cannot see that something happened. */
export function announce(text: string): void {
  for (const listener of listeners) listener(text);
}

export function onAnnouncement(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Cuts what a growing text has said in full from what it is saying. */
export function sentences(text: string): { whole: string; rest: string } {
  const end = Math.max(...[". ", "! ", "? ", ":\n", "\n\n", ".\n"].map((sign) => text.lastIndexOf(sign) + (text.lastIndexOf(sign) >= 0 ? sign.length : 0)));
  return end > 0 ? { whole: text.slice(0, end), rest: text.slice(end) } : { whole: "", rest: text };
}

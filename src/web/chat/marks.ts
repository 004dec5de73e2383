// Which pieces of a page's text belong to a passage: those that lie within the stretch that reads as it does.

/** Letters by which the beginning or the end of a passage is known. */
const EDGE = 24;

/** Letters and digits alone: hyphens, ligatures' spaces and line ends differ between readers of PDF. */
function bare(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}

/** Indexes of the pieces that a passage covers. A passage may begin before the page or end after it. */
export function marks(pieces: readonly string[], passage: string): number[] {
  const wanted = bare(passage);
  if (wanted.length < 8) return [];
  const places: { index: number; from: number; to: number }[] = [];
  let page = "";
  for (const [index, piece] of pieces.entries()) {
    const text = bare(piece);
    if (text !== "") places.push({ index, from: page.length, to: page.length + text.length });
    page += text;
  }
  const stretch = stretchOf(page, wanted);
  if (!stretch) return [];
  return places.filter((place) => place.from < stretch.to && place.to > stretch.from).map((place) => place.index);
}

/** The whole passage, else what the page ends or begins with of it, else what lies between letters that are known. */
function stretchOf(page: string, wanted: string): { from: number; to: number } | null {
  const whole = page.indexOf(wanted);
  if (whole >= 0) return { from: whole, to: whole + wanted.length };
  const [ends, begins] = [longest(wanted, (count) => page.endsWith(wanted.slice(0, count))), longest(wanted, (count) => page.startsWith(wanted.slice(-count)))];
  if (ends > 0 || begins > 0) return ends > begins ? { from: page.length - ends, to: page.length } : { from: 0, to: begins };
  // Lines at a page's edge, or a letter that was read otherwise, stand between.
  const length = Math.min(EDGE, wanted.length);
  const head = page.indexOf(wanted.slice(0, length));
  const tail = page.lastIndexOf(wanted.slice(-length));
  if (head >= 0 && tail >= head) return { from: head, to: tail + length };
  if (head >= 0) return { from: head, to: Math.min(page.length, head + wanted.length) };
  if (tail >= 0) return { from: Math.max(0, tail + length - wanted.length), to: tail + length };
  return null;
}

/** The most letters for which it holds; none where it does not for as many as an edge has. */
function longest(wanted: string, holds: (count: number) => boolean): number {
  for (let count = wanted.length - 1; count >= EDGE; count -= 1) if (holds(count)) return count;
  return 0;
}

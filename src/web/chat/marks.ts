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

/** The whole passage, else from its beginning to the page's end, else from the page's beginning to its end. */
function stretchOf(page: string, wanted: string): { from: number; to: number } | null {
  const whole = page.indexOf(wanted);
  if (whole >= 0) return { from: whole, to: whole + wanted.length };
  const length = Math.min(EDGE, wanted.length);
  const head = page.indexOf(wanted.slice(0, length));
  const tail = page.lastIndexOf(wanted.slice(-length));
  if (head >= 0 && tail >= head) return { from: head, to: tail + length };
  if (head >= 0) return { from: head, to: Math.min(page.length, head + wanted.length) };
  if (tail >= 0) return { from: Math.max(0, tail + length - wanted.length), to: tail + length };
  return null;
}

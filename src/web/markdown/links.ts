// Which addresses of a model's text may be followed or shown, and as what.

const FOLLOWED = new Set(["http:", "https:", "mailto:"]);
/** Images that are part of the text and ask nobody for anything. SVG is left out: it is a document of its own. */
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$/;

/** An address that may be followed, in full; `null` for any other. */
export function followed(href: string): { href: string; host: string } | null {
  let url: URL;
  try {
    // A relative address would lead into this page.
    url = new URL(href.trim());
  } catch {
    return null;
  }
  if (!FOLLOWED.has(url.protocol)) return null;
  return { href: url.href, host: url.protocol === "mailto:" ? url.pathname : url.host };
}

/** An image that is shown without a request; `null` for any other: an address in an image is how a text calls home. */
export function inlineImage(href: string): string | null {
  return INLINE_IMAGE.test(href) ? href : null;
}

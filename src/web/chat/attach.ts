// Files in a question: images as they are, texts as text, anything else is refused with a reason.

import { t } from "../strings/translate.ts";
import type { Attachment } from "./tree.ts";

/** What a model's context can bear of one file, in bytes. */
const MOST_TEXT = 1_000_000;
const MOST_IMAGE = 8_000_000;
const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** Reads a file; what is wrong with it is thrown. */
export async function attach(file: File): Promise<Attachment> {
  if (IMAGES.has(file.type)) {
    if (file.size > MOST_IMAGE) throw new Error(t("attach.tooLarge", { name: file.name, size: "8 MB" }));
    return { name: file.name, kind: "image", content: await dataAddress(file) };
  }
  if (file.size > MOST_TEXT) throw new Error(t("attach.tooLarge", { name: file.name, size: "1 MB" }));
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    // A zero is no letter of any text.
    if (bytes.includes(0)) throw new TypeError("binary");
    return { name: file.name, kind: "text", content: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    throw new Error(t("attach.notText", { name: file.name }));
  }
}

function dataAddress(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error(t("attach.unreadable", { name: file.name })));
    reader.readAsDataURL(file);
  });
}

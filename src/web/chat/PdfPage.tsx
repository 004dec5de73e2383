// A PDF, drawn in this browser page by page, with the lines of a passage marked; opened where most of them are.

import { getDocument, PDFWorker, type PDFDocumentProxy, type PDFPageProxy, type RenderTask } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { download } from "../api/repositories.ts";
import { Icon } from "../parts/Icon.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { ownScript } from "../parts/trusted.ts";
import { t } from "../strings/translate.ts";
import { marks } from "./marks.ts";

interface Props {
  repositoryId: string;
  documentId: string;
  /** The pages that the passage begins and ends on, counted from 1. */
  page: number;
  lastPage: number;
  passage: string;
}

const WIDTH = 900;

let worker: PDFWorker | null = null;

export function PdfPage({ repositoryId, documentId, page: first, lastPage: last, passage }: Props): ReactNode {
  const [pdf, setPdf] = useState<PDFDocumentProxy | null>(null);
  const [page, setPage] = useState(first);
  const [problem, setProblem] = useState<string | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const abort = new AbortController();
    const begin = async (): Promise<void> => {
      const found = await open(repositoryId, documentId, abort.signal);
      setPage(await fullest(found, first, last, passage));
      setPdf(found);
    };
    begin().catch((error: unknown) => {
      if (!abort.signal.aborted) setProblem(messageOf(error));
    });
    return () => abort.abort();
  }, [repositoryId, documentId, first, last, passage]);
  useEffect(() => {
    if (!pdf || !canvas.current) return undefined;
    let task: RenderTask | null = null;
    let wanted = true;
    const target = canvas.current;
    void pdf.getPage(Math.min(page, pdf.numPages)).then(async (found) => {
      if (!wanted) return;
      task = await draw(found, target, page >= first && page <= last ? passage : "");
    }).catch((error: unknown) => {
      if (wanted) setProblem(messageOf(error));
    });
    return () => {
      wanted = false;
      task?.cancel();
    };
  }, [pdf, page, first, last, passage]);
  if (problem) return <Notice title={t("chat.noPage")} detail={problem} />;
  return (
    <div className="pdf">
      <div className="row">
        <button type="button" className="icon-button" aria-label={t("chat.pageBefore")} disabled={page <= 1} onClick={() => setPage(page - 1)}><Icon name="left" /></button>
        <span>{t("chat.pageOf", { page, count: pdf?.numPages ?? page })}</span>
        <button type="button" className="icon-button" aria-label={t("chat.pageAfter")} disabled={!pdf || page >= pdf.numPages} onClick={() => setPage(page + 1)}><Icon name="right" /></button>
      </div>
      <figure aria-label={t("chat.pageImage", { page })}><canvas ref={canvas} data-drawn={pdf !== null} /></figure>
    </div>
  );
}

async function open(repositoryId: string, documentId: string, signal: AbortSignal): Promise<PDFDocumentProxy> {
  const data = await download(repositoryId, documentId, signal);
  worker ??= PDFWorker.create({ port: new Worker(ownScript(workerUrl), { type: "module", name: "pdf" }) });
  // A document's scripts and fonts' programs stay text; codecs that need WebAssembly would need a laxer policy.
  return getDocument({ data, worker, isEvalSupported: false, useWasm: false, enableXfa: false }).promise;
}

interface Line {
  text: string;
  /** In the page's own units. */
  width: number;
  height: number;
  /** The last two are the place of its beginning. */
  place: number[];
}

/** The lines of a page that a passage covers. */
async function marked(page: PDFPageProxy, passage: string): Promise<Line[]> {
  const { items } = await page.getTextContent();
  const lines = items.flatMap((item) => ("str" in item ? [{ text: item.str, width: item.width, height: item.height, place: item.transform as number[] }] : []));
  return marks(lines.map((line) => line.text), passage).flatMap((index) => lines[index] ?? []);
}

/** Of the pages of a passage the one that holds most of it: what a passage repeats of the one before begins earlier. */
async function fullest(pdf: PDFDocumentProxy, first: number, last: number, passage: string): Promise<number> {
  let best = { page: Math.min(first, pdf.numPages), letters: 0 };
  for (let page = best.page; page <= Math.min(last, pdf.numPages); page += 1) {
    const letters = (await marked(await pdf.getPage(page), passage)).reduce((sum, line) => sum + line.text.length, 0);
    if (letters > best.letters) best = { page, letters };
  }
  return best.page;
}

/** Draws a page, then the marks behind its words. */
async function draw(page: PDFPageProxy, canvas: HTMLCanvasElement, passage: string): Promise<RenderTask> {
  const scale = WIDTH / page.getViewport({ scale: 1 }).width;
  const viewport = page.getViewport({ scale });
  canvas.width = viewport.width;
  canvas.height = viewport.height;
  const task = page.render({ canvas, viewport });
  await task.promise;
  const context = canvas.getContext("2d");
  if (!context || passage === "") return task;
  context.globalCompositeOperation = "multiply";
  context.fillStyle = "#ffe28a";
  for (const line of await marked(page, passage)) {
    const [x = 0, y = 0] = viewport.convertToViewportPoint(line.place[4] ?? 0, line.place[5] ?? 0) as number[];
    context.fillRect(x - 2, y - line.height * scale, line.width * scale + 4, line.height * scale * 1.3);
  }
  return task;
}

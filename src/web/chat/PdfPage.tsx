// A page of a PDF, drawn in this browser, with the lines of a passage marked.

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
  page: number;
  passage: string;
}

const WIDTH = 900;

let worker: PDFWorker | null = null;

export function PdfPage({ repositoryId, documentId, page: first, passage }: Props): ReactNode {
  const [pdf, setPdf] = useState<PDFDocumentProxy | null>(null);
  const [page, setPage] = useState(first);
  const [problem, setProblem] = useState<string | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const abort = new AbortController();
    open(repositoryId, documentId, abort.signal).then(setPdf, (error: unknown) => {
      if (!abort.signal.aborted) setProblem(messageOf(error));
    });
    return () => abort.abort();
  }, [repositoryId, documentId]);
  useEffect(() => {
    if (!pdf || !canvas.current) return undefined;
    let task: RenderTask | null = null;
    let wanted = true;
    const target = canvas.current;
    void pdf.getPage(Math.min(page, pdf.numPages)).then(async (found) => {
      if (!wanted) return;
      task = await draw(found, target, page === first ? passage : "");
    }).catch((error: unknown) => {
      if (wanted) setProblem(messageOf(error));
    });
    return () => {
      wanted = false;
      task?.cancel();
    };
  }, [pdf, page, first, passage]);
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
  const { items } = await page.getTextContent();
  const lines = items.flatMap((item) => ("str" in item ? [{ text: item.str, width: item.width, height: item.height, place: item.transform as number[] }] : []));
  context.globalCompositeOperation = "multiply";
  context.fillStyle = "#ffe28a";
  for (const index of marks(lines.map((line) => line.text), passage)) {
    const line = lines[index];
    if (!line) continue;
    const [x = 0, y = 0] = viewport.convertToViewportPoint(line.place[4] ?? 0, line.place[5] ?? 0) as number[];
    context.fillRect(x - 2, y - line.height * scale, line.width * scale + 4, line.height * scale * 1.3);
  }
  return task;
}

// A source beside the conversation: the passage as it was given to the model, and the page that it stands on.

import { lazy, type ReactNode, Suspense } from "react";
import { Dialog } from "../parts/Dialog.tsx";
import { t } from "../strings/translate.ts";
import { placeOf } from "./Citations.tsx";
import type { Source } from "./tree.ts";

const PdfPage = lazy(() => import("./PdfPage.tsx").then((module) => ({ default: module.PdfPage })));

export function SourceView({ source, onClose }: { source: Source; onClose: () => void }): ReactNode {
  const isPdf = source.documentId !== undefined && /\.pdf$/i.test(source.title);
  return (
    <Dialog shape="side" title={placeOf(source)} onClose={onClose}>
      <h3 className="small-heading">{t("chat.passage", { number: source.number })}</h3>
      <blockquote className="passage">{source.text}</blockquote>
      {isPdf && (
        <Suspense fallback={<p className="waiting"><span className="pulse" />{t("chat.loadingPage")}</p>}>
          <PdfPage repositoryId={source.repositoryId} documentId={source.documentId ?? ""} page={source.page ?? 1} lastPage={source.lastPage ?? source.page ?? 1} passage={source.text} />
        </Suspense>
      )}
    </Dialog>
  );
}

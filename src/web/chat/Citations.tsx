// Sources of an answer: the mark in the text, and the list below it. Both open the passage.

import type { ReactNode } from "react";
import { Icon } from "../parts/Icon.tsx";
import { t } from "../strings/translate.ts";
import type { Source } from "./tree.ts";

type Open = (source: Source) => void;

/** `handbook.pdf, page 4`, or `pages 4–5`. */
export function placeOf({ title, page, lastPage }: Source): string {
  if (page === undefined) return title;
  return lastPage === undefined ? t("chat.placeOnPage", { title, page }) : t("chat.placeOnPages", { title, page, lastPage });
}

export function CitationMark({ source, onOpen }: { source: Source; onOpen: Open }): ReactNode {
  return (
    <button type="button" className="cite" aria-label={t("chat.openSource", { number: source.number, place: placeOf(source) })} title={placeOf(source)} onClick={() => onOpen(source)}>
      {source.number}
    </button>
  );
}

export function SourceList({ sources, onOpen }: { sources: readonly Source[]; onOpen: Open }): ReactNode {
  return (
    <details className="sources">
      <summary><Icon name="right" />{t("chat.sources", { count: sources.length })}</summary>
      <ol>
        {sources.map((source) => (
          <li key={source.number}>
            <button type="button" className="source" onClick={() => onOpen(source)}>
              <span className="source-number">{source.number}</span>
              <span className="source-words">
                <span>{placeOf(source)}</span>
                <small>{source.text.slice(0, 160)}</small>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </details>
  );
}

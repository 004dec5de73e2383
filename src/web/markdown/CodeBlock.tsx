// A block of code with its language, a button that copies it, and colours once it is complete.

import { memo, type ReactNode, useEffect, useState } from "react";
import { CopyButton } from "../parts/CopyButton.tsx";
import { t } from "../strings/translate.ts";
import { highlighted, type Span } from "./highlight.ts";

interface Props {
  text: string;
  language: string;
  /** Whether its last line has been written. */
  closed: boolean;
}

export const CodeBlock = memo(function CodeBlock({ text, language, closed }: Props): ReactNode {
  const name = language.trim().split(/\s+/)[0] ?? "";
  const [coloured, setColoured] = useState<{ text: string; spans: Span[] } | null>(null);
  useEffect(() => {
    if (!closed || name === "") return undefined;
    let wanted = true;
    void highlighted(name, text).then((spans) => {
      if (wanted && spans) setColoured({ text, spans });
    });
    return () => {
      wanted = false;
    };
  }, [closed, name, text]);
  const label = t("markdown.code", { language: name || t("markdown.plain") });
  return (
    <figure className="code">
      <figcaption>
        <span>{name || t("markdown.plain")}</span>
        <CopyButton text={text} label={t("markdown.copyCode")} />
      </figcaption>
      {/* Long lines scroll, by keyboard as well. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>{coloured?.text === text ? <Spans spans={coloured.spans} /> : text}</code>
      </pre>
    </figure>
  );
});

function Spans({ spans }: { spans: Span[] }): ReactNode {
  return spans.map((span, index) =>
    typeof span === "string" ? span : <span key={index} className={`hl-${span.scope}`}><Spans spans={span.spans} /></span>,
  );
}

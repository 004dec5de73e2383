// The frame of a screen beside the chat: title, what it is for, what can be done, and what went wrong.

import { type ReactNode, useEffect } from "react";
import "../styles/admin.css";
import { t } from "../strings/translate.ts";
import { messageOf, Notice } from "./Notice.tsx";

interface Props {
  title: string;
  lead?: string;
  /** The way back, above the title. */
  crumb?: ReactNode;
  actions?: ReactNode;
  /** What the screen is made of; its failure is shown in its place. */
  query?: { isPending: boolean; error: Error | null; refetch: () => unknown };
  children: ReactNode;
}

export function Page({ title, lead, crumb, actions, query, children }: Props): ReactNode {
  useEffect(() => {
    document.title = `${title} · LISA`;
    return () => {
      document.title = "LISA";
    };
  }, [title]);
  return (
    <div className="page-scroller">
      <section className="page">
        <header className="page-head">
          <div>
            {crumb && <p className="crumb">{crumb}</p>}
            <h1>{title}</h1>
            {lead && <p className="lead">{lead}</p>}
          </div>
          {actions && <div className="row">{actions}</div>}
        </header>
        {query?.error && (
          <Notice title={t("common.notLoaded")} detail={messageOf(query.error)}>
            <button type="button" className="button small" onClick={() => query.refetch()}>{t("common.again")}</button>
          </Notice>
        )}
        {query?.isPending ? <p className="waiting" role="status"><span className="pulse" />{t("common.loading")}</p> : children}
      </section>
    </div>
  );
}

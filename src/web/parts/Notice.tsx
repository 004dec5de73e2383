// A sentence about what went wrong, with a way on where there is one.

import type { ReactNode } from "react";
import { Icon } from "./Icon.tsx";

interface Props {
  title: string;
  detail?: string | undefined;
  kind?: "error" | "info";
  children?: ReactNode;
}

export function Notice({ title, detail, kind = "error", children }: Props): ReactNode {
  return (
    <div className={`notice ${kind}`} role={kind === "error" ? "alert" : "status"}>
      <Icon name={kind === "error" ? "warn" : "check"} />
      <div>
        <p className="notice-title">{title}</p>
        {detail && <p className="notice-detail">{detail}</p>}
        {children}
      </div>
    </div>
  );
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

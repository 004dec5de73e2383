// How a model stands: a word, a colour that is never alone, and the cause where something failed.

import type { ReactNode } from "react";
import { type Model, MOVING } from "../api/models.ts";
import { t } from "../strings/translate.ts";

export function Status({ model }: { model: Pick<Model, "status" | "failureReason"> }): ReactNode {
  const kind = model.status === "Failed" ? "ill" : model.status === "InService" ? "well" : MOVING.has(model.status) ? "moving" : "still";
  return (
    <div className="status" data-kind={kind}>
      <span className="status-word"><span className="status-dot" aria-hidden="true" />{t(`status.${model.status}`)}</span>
      {model.failureReason && <p className="status-cause">{model.failureReason}</p>}
    </div>
  );
}

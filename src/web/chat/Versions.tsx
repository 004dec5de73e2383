// Steps between the versions of a message: `‹ 2 of 3 ›`.

import type { ReactNode } from "react";
import { Icon } from "../parts/Icon.tsx";
import { t } from "../strings/translate.ts";
import { chat } from "./store.ts";

export function Versions({ id, versions }: { id: string; versions: readonly string[] }): ReactNode {
  if (versions.length < 2) return null;
  const index = versions.indexOf(id);
  const [before, after] = [versions[index - 1], versions[index + 1]];
  return (
    <span className="versions" role="group" aria-label={t("chat.versions")}>
      <button type="button" className="icon-button" aria-label={t("chat.earlierVersion")} disabled={before === undefined} onClick={() => before && chat.show(before)}>
        <Icon name="left" />
      </button>
      <span>{t("chat.versionOf", { number: index + 1, count: versions.length })}</span>
      <button type="button" className="icon-button" aria-label={t("chat.laterVersion")} disabled={after === undefined} onClick={() => after && chat.show(after)}>
        <Icon name="right" />
      </button>
    </span>
  );
}

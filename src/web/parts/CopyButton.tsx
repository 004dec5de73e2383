// A button that copies a text and says so.

import { type ReactNode, useEffect, useState } from "react";
import { t } from "../strings/translate.ts";
import { Icon } from "./Icon.tsx";
import { announce } from "./announce.ts";

interface Props {
  text: string;
  label: string;
  /** Whether the label is shown beside the sign. */
  wordy?: boolean;
}

export function CopyButton({ text, label, wordy = false }: Props): ReactNode {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce(t("common.copied"));
  }
  return (
    <button type="button" className={wordy ? "button" : "icon-button"} title={label} aria-label={wordy ? undefined : label} onClick={() => void copy()}>
      <Icon name={copied ? "check" : "copy"} />
      {wordy && <span>{copied ? t("common.copied") : label}</span>}
    </button>
  );
}

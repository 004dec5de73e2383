// Which model answers: the models that are served, with what is known of them, searched by typing.

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo } from "react";
import { managedQuery, servedQuery } from "../api/queries.ts";
import { type Offered, offered } from "../api/served.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Icon } from "../parts/Icon.tsx";
import { messageOf } from "../parts/Notice.tsx";
import { type Option, Picker } from "../parts/Picker.tsx";
import { t } from "../strings/translate.ts";
import { chat } from "./store.ts";
import { useChat } from "./useChat.ts";

interface Models {
  models: Offered[];
  isSettled: boolean;
  problem: string | null;
}

/** Models that can chat. */
export function useModels(): Models {
  // Without it the page offers what is served.
  const managed = useQuery({ ...managedQuery, retry: false });
  const served = useQuery(servedQuery(managed.data ?? []));
  const models = useMemo(() => offered(served.data ?? [], managed.data ?? []), [served.data, managed.data]);
  useEffect(() => {
    const first = models[0];
    if (first && !models.some(({ name }) => name === chat.snapshot().settings.model)) choose(first);
  }, [models]);
  return { models, isSettled: !served.isPending && !managed.isPending, problem: served.error ? messageOf(served.error) : null };
}

function choose({ name, streaming }: Offered): void {
  chat.set({ model: name, ...(streaming === undefined ? {} : { stream: streaming }) });
}

export function ModelButton({ name, onOpen }: { name: string; onOpen: () => void }): ReactNode {
  return (
    <button type="button" className="model-button" aria-haspopup="dialog" onClick={onOpen}>
      <span className="unseen">{t("chat.model")}</span>
      <span>{name || t("chat.chooseModel")}</span>
      <Icon name="down" />
    </button>
  );
}

export function ModelDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { models } = useModels();
  const { settings } = useChat();
  const options: Option[] = models.map(({ name, detail, features }) => ({ id: name, label: name, detail, badges: features }));
  return (
    <Dialog shape="palette" quiet title={t("chat.chooseModel")} onClose={onClose}>
      <Picker label={t("chat.searchModels")} options={options} chosen={settings.model} empty={t("chat.noModels")} onChoose={(name) => {
        const model = models.find((one) => one.name === name);
        if (model) choose(model);
        onClose();
      }} />
    </Dialog>
  );
}

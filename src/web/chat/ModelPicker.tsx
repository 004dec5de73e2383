// Which model answers: the models that are served, with what is known of them, searched by typing.

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { servedModels } from "../api/chat.ts";
import { listModels, type Model } from "../api/models.ts";
import { here } from "../app/deployment.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Icon } from "../parts/Icon.tsx";
import { messageOf } from "../parts/Notice.tsx";
import { type Option, Picker } from "../parts/Picker.tsx";
import { t } from "../strings/translate.ts";
import { chat } from "./store.ts";
import { useChat } from "./useChat.ts";

interface Models {
  names: string[];
  known: Map<string, Model>;
  isSettled: boolean;
  problem: string | null;
}

/** Models that can chat: what the gateway serves, without those that are known to do something else. */
export function useModels(): Models {
  const served = useQuery({ queryKey: ["served"], queryFn: servedModels, enabled: here.serve !== null, refetchInterval: 60_000 });
  const managed = useQuery({ queryKey: ["models"], queryFn: listModels, retry: false });
  const known = new Map((managed.data ?? []).map((model) => [model.modelId, model]));
  const names = (served.data ?? []).filter((name) => {
    const model = known.get(name);
    return model ? model.modelType === "textgen" : !/embed/i.test(name);
  });
  const first = names[0];
  useEffect(() => {
    if (first !== undefined && !names.includes(chat.snapshot().settings.model)) chat.set({ model: first });
    // The names change with the list alone.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [served.data, managed.data]);
  return { names, known, isSettled: !served.isPending, problem: served.error ? messageOf(served.error) : null };
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
  const { names, known } = useModels();
  const { settings } = useChat();
  const options: Option[] = names.map((name) => ({ id: name, label: name, detail: detailOf(known.get(name)), badges: known.get(name)?.features?.map((feature) => feature.name) ?? [] }));
  return (
    <Dialog shape="palette" quiet title={t("chat.chooseModel")} onClose={onClose}>
      <Picker label={t("chat.searchModels")} options={options} chosen={settings.model} empty={t("chat.noModels")} onChoose={(model) => {
        const streams = known.get(model)?.streaming;
        chat.set({ model, ...(streams === undefined ? {} : { stream: streams }) });
        onClose();
      }} />
    </Dialog>
  );
}

function detailOf(model: Model | undefined): string | undefined {
  return model?.modelDescription ?? (model && model.modelName !== model.modelId ? model.modelName : undefined);
}

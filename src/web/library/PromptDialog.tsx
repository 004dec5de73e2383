// Prompts beside a conversation: a directive goes into the question, a persona becomes the system prompt.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { listPrompts } from "../api/small.ts";
import { chat } from "../chat/store.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { type Option, Picker } from "../parts/Picker.tsx";
import { t } from "../strings/translate.ts";

export function PromptDialog({ onClose, onChoose }: { onClose: () => void; onChoose: (text: string) => void }): ReactNode {
  const prompts = useQuery({ queryKey: ["prompts"], queryFn: listPrompts, retry: false });
  const options: Option[] = (prompts.data ?? []).map((prompt) => ({
    id: prompt.id,
    label: prompt.title,
    detail: prompt.body.slice(0, 90),
    words: prompt.body,
    badges: [t(`prompts.${prompt.type}`)],
  }));
  return (
    <Dialog shape="palette" quiet title={t("chat.prompts")} onClose={onClose}>
      <Picker label={t("prompts.search")} options={options} empty={prompts.isPending ? t("common.loading") : t("prompts.none")} onChoose={(id) => {
        const prompt = prompts.data?.find((one) => one.id === id);
        onClose();
        if (prompt?.type === "persona") chat.set({ system: prompt.body });
        else if (prompt) onChoose(prompt.body);
      }} />
    </Dialog>
  );
}

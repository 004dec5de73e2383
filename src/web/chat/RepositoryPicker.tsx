// Where passages come from: no repository, or one with all or one of its collections.

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { listCollections, listRepositories } from "../api/repositories.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Icon } from "../parts/Icon.tsx";
import { type Option, Picker } from "../parts/Picker.tsx";
import { t } from "../strings/translate.ts";
import { chat } from "./store.ts";
import { useChat } from "./useChat.ts";

const NONE = "";

export function RepositoryButton(): ReactNode {
  const { settings } = useChat();
  const [isOpen, setOpen] = useState(false);
  const label = settings.repository ? t("chat.answersFrom", { name: settings.collection || settings.repository }) : t("chat.documents");
  return (
    <>
      <button type="button" className="icon-button wordy" data-on={settings.repository !== ""} aria-haspopup="dialog" aria-label={label} title={label} onClick={() => setOpen(true)}>
        <Icon name="files" />
        {settings.repository && <span>{settings.collection || settings.repository}</span>}
      </button>
      {isOpen && <RepositoryDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function RepositoryDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { settings } = useChat();
  const options = useQuery({ queryKey: ["places"], queryFn: places });
  return (
    <Dialog shape="palette" quiet title={t("chat.documents")} onClose={onClose}>
      <Picker label={t("chat.searchRepositories")} chosen={`${settings.repository}/${settings.collection}`} empty={options.isPending ? t("common.loading") : t("chat.noRepositories")}
        options={[{ id: "/", label: t("chat.noDocuments"), icon: "close" }, ...(options.data ?? [])]}
        onChoose={(id) => {
          const [repository = NONE, collection = NONE] = id.split("/").map(decodeURIComponent);
          chat.set({ repository, collection });
          onClose();
        }} />
    </Dialog>
  );
}

/** Repositories, each followed by its collections. A repository without a collection route has none. */
async function places(): Promise<Option[]> {
  const repositories = await listRepositories();
  const lists = await Promise.all(repositories.map((repository) => listCollections(repository.repositoryId).catch(() => [])));
  return repositories.flatMap((repository, index) => {
    const id = encodeURIComponent(repository.repositoryId);
    const whole: Option = { id: `${id}/`, label: repository.repositoryName ?? repository.repositoryId, icon: "files", badges: [repository.type] };
    const parts = (lists[index] ?? []).map((collection): Option => ({
      id: `${id}/${encodeURIComponent(collection.collectionId)}`,
      label: collection.name ?? collection.collectionId,
      detail: repository.repositoryName ?? repository.repositoryId,
      icon: "book",
    }));
    return [whole, ...parts];
  });
}

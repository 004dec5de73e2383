// Changes of a model that is there: capacity, streaming, description, groups and the engine's environment.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Model, updateModel, type UpdateModel } from "../api/models.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Switch, TextField } from "../parts/Field.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { t } from "../strings/translate.ts";
import { environmentOf, linesOf, listOf } from "./draft.ts";

export function ModelUpdate({ model, onClose }: { model: Model; onClose: () => void }): ReactNode {
  const queries = useQueryClient();
  const scaling = model.autoScalingConfig;
  const before = {
    min: String(scaling?.minCapacity ?? ""),
    max: String(scaling?.maxCapacity ?? ""),
    streaming: model.streaming ?? false,
    description: model.modelDescription ?? "",
    groups: (model.allowedGroups ?? []).join(", "),
    environment: linesOf(model.containerConfig?.environment ?? {}),
  };
  const [draft, setDraft] = useState(before);
  const set = (changes: Partial<typeof before>): void => setDraft((old) => ({ ...old, ...changes }));
  const body: UpdateModel = {
    ...(draft.streaming === before.streaming ? {} : { streaming: draft.streaming }),
    ...(draft.description === before.description ? {} : { modelDescription: draft.description }),
    ...(draft.groups === before.groups ? {} : { allowedGroups: listOf(draft.groups) }),
    ...(draft.min === before.min && draft.max === before.max ? {} : { autoScalingInstanceConfig: { minCapacity: Number(draft.min), maxCapacity: Number(draft.max) } }),
    ...(draft.environment === before.environment ? {} : { containerConfig: { environment: environmentOf(draft.environment) } }),
  };
  const save = useMutation({
    mutationFn: () => updateModel(model.modelId, body),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["models"] });
      onClose();
    },
  });
  return (
    <Dialog title={t("models.updateTitle", { name: model.modelId })} onClose={onClose} actions={
      <>
        <button type="button" className="button" onClick={onClose}>{t("common.cancel")}</button>
        <button type="button" className="button primary" disabled={Object.keys(body).length === 0 || save.isPending} onClick={() => save.mutate()}>{t("common.save")}</button>
      </>
    }>
      {save.error && <Notice title={t("models.notChanged")} detail={messageOf(save.error)} />}
      {model.modelType === "textgen" && <Switch label={t("models.streaming")} checked={draft.streaming} onChange={(streaming) => set({ streaming })} />}
      <TextField label={t("models.description")} value={draft.description} onChange={(description) => set({ description })} />
      <TextField label={t("models.groups")} help={t("models.groupsHelp")} value={draft.groups} onChange={(groups) => set({ groups })} />
      {scaling && (
        <div className="columns">
          <TextField type="number" label={t("models.minCapacity")} min={0} value={draft.min} onChange={(min) => set({ min })} />
          <TextField type="number" label={t("models.maxCapacity")} min={0} value={draft.max} onChange={(max) => set({ max })} />
        </div>
      )}
      {model.containerConfig && <TextField label={t("models.environment")} help={t("models.environmentHelp")} rows={4} mono value={draft.environment} onChange={(environment) => set({ environment })} />}
    </Dialog>
  );
}

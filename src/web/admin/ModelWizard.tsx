// A new model in steps: what it is, where it runs, how it scales, and a review as JSON and as a command.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { canHost, createModel, type InferenceContainer, instanceTypes, type ModelType } from "../api/models.ts";
import { CopyButton } from "../parts/CopyButton.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { SelectField, Switch, TextField } from "../parts/Field.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { type Key, t } from "../strings/translate.ts";
import { BASE_IMAGES, commandOf, type Draft, EMPTY, faults, type Faults, requestOf } from "./draft.ts";

const STEPS = ["what", "where", "scaling", "review"] as const;
type Step = (typeof STEPS)[number];

/** Which fields a step holds, so that it can say whether it is filled. */
const FIELDS: Record<Step, readonly (keyof Draft)[]> = {
  what: ["modelId", "modelName"],
  where: ["modelUrl", "instanceType", "baseImage", "sharedMemorySize", "environment"],
  scaling: ["minCapacity", "maxCapacity", "cooldown", "warmup", "metricTarget", "metricDuration", "metricWarmup", "healthPath", "healthInterval", "healthTimeout", "healthyCount", "unhealthyCount"],
  review: [],
};

interface StepProps {
  draft: Draft;
  set: (changes: Partial<Draft>) => void;
  error: (name: keyof Draft) => string | undefined;
}

export function ModelWizard({ existing, onClose }: { existing: readonly string[]; onClose: () => void }): ReactNode {
  const queries = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const [at, setAt] = useState(0);
  const [isTried, setTried] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  const instances = useQuery({ queryKey: ["instances"], queryFn: instanceTypes, retry: false, staleTime: Infinity });
  // What only a hosted model needs is no step of another.
  const steps = draft.hosted ? STEPS : STEPS.filter((step) => step !== "scaling");
  const step = steps[at] ?? "review";
  const wrong = faults(draft, existing);
  const add = useMutation({
    mutationFn: () => createModel(requestOf(draft)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["models"] });
      onClose();
    },
  });
  useEffect(() => body.current?.querySelector<HTMLElement>("input, select, textarea")?.focus(), [at]);
  const isFilled = FIELDS[step].every((name) => wrong[name] === undefined);
  function next(): void {
    setTried(!isFilled);
    if (!isFilled) return;
    if (step === "review") add.mutate();
    else setAt(at + 1);
  }
  const shared: StepProps = {
    draft,
    set: (changes) => setDraft((before) => ({ ...before, ...changes })),
    error: (name) => shownFault(wrong, name, isTried),
  };
  return (
    <Dialog shape="wide" title={t("wizard.title")} onClose={onClose} actions={
      <>
        {at > 0 && <button type="button" className="button" onClick={() => setAt(at - 1)}>{t("wizard.back")}</button>}
        <span className="spring" />
        <button type="button" className="button roomy" onClick={onClose}>{t("common.cancel")}</button>
        <button type="button" className="button primary" disabled={add.isPending} onClick={next}>{t(step === "review" ? "models.add" : "wizard.next")}</button>
      </>
    }>
      <ol className="steps">
        {steps.map((name, index) => <li key={name} aria-current={index === at ? "step" : undefined} data-done={index < at}><span>{index + 1}</span>{t(`wizard.${name}`)}</li>)}
      </ol>
      <div ref={body}>
        {add.error && <Notice title={t("wizard.refused")} detail={messageOf(add.error)} />}
        {step === "what" && <What {...shared} />}
        {step === "where" && <Where {...shared} instances={instances.data ?? []} canHost={canHost(instances)} />}
        {step === "scaling" && <Scaling {...shared} />}
        {step === "review" && <Review draft={draft} />}
      </div>
    </Dialog>
  );
}

function shownFault(wrong: Faults, name: keyof Draft, isTried: boolean): string | undefined {
  const key = wrong[name];
  return isTried && key ? t(key) : undefined;
}

function What({ draft, set, error }: StepProps): ReactNode {
  return (
    <>
      <div className="columns">
        <TextField label={t("models.id")} help={t("wizard.idHelp")} value={draft.modelId} error={error("modelId")} required onChange={(modelId) => set({ modelId })} />
        <TextField label={t("models.name")} help={t("wizard.nameHelp")} value={draft.modelName} error={error("modelName")} required onChange={(modelName) => set({ modelName })} />
        <SelectField label={t("models.type")} value={draft.modelType} onChange={(modelType) => set({ modelType: modelType as ModelType })}
          options={(["textgen", "embedding", "imagegen", "videogen"] as const).map((value) => ({ value, label: t(`models.${value}`) }))} />
        <TextField label={t("models.groups")} help={t("models.groupsHelp")} value={draft.groups} onChange={(groups) => set({ groups })} />
      </div>
      <TextField label={t("models.description")} value={draft.description} onChange={(description) => set({ description })} />
      {draft.modelType === "textgen" && <Switch label={t("models.streaming")} help={t("wizard.streamingHelp")} checked={draft.streaming} onChange={(streaming) => set({ streaming })} />}
    </>
  );
}

interface WhereProps extends StepProps {
  instances: readonly string[];
  canHost: boolean;
}

function Where({ draft, set, error, instances, canHost }: WhereProps): ReactNode {
  return (
    <>
      {canHost && <Switch label={t("wizard.hosted")} help={t("wizard.hostedHelp")} checked={draft.hosted} onChange={(hosted) => set({ hosted })} />}
      {draft.hosted ? (
        <div className="columns">
          <TextField label={t("models.instance")} value={draft.instanceType} list={instances} error={error("instanceType")} onChange={(instanceType) => set({ instanceType })} />
          <SelectField label={t("models.engine")} value={draft.inferenceContainer} options={Object.keys(BASE_IMAGES).map((value) => ({ value, label: value }))}
            onChange={(value) => set({ inferenceContainer: value as InferenceContainer, baseImage: BASE_IMAGES[value as InferenceContainer] })} />
          <TextField label={t("wizard.image")} mono value={draft.baseImage} error={error("baseImage")} onChange={(baseImage) => set({ baseImage })} />
          <SelectField label={t("wizard.imageType")} value={draft.imageType} options={["asset", "ecr", "registry", "tarball"].map((value) => ({ value, label: value }))} onChange={(imageType) => set({ imageType })} />
          <TextField type="number" label={t("wizard.memory")} min={1} value={draft.sharedMemorySize} error={error("sharedMemorySize")} onChange={(sharedMemorySize) => set({ sharedMemorySize })} />
          <TextField label={t("wizard.healthCommand")} mono value={draft.healthCommand} onChange={(healthCommand) => set({ healthCommand })} />
          <TextField label={t("models.environment")} help={t("models.environmentHelp")} rows={3} mono value={draft.environment} error={error("environment")} onChange={(environment) => set({ environment })} />
        </div>
      ) : (
        <div className="columns">
          <TextField type="url" label={t("models.url")} help={t("wizard.urlHelp")} placeholder="https://host/v1" value={draft.modelUrl} error={error("modelUrl")} onChange={(modelUrl) => set({ modelUrl })} />
          <TextField type="password" label={t("wizard.key")} help={t("wizard.keyHelp")} value={draft.apiKey} onChange={(apiKey) => set({ apiKey })} />
        </div>
      )}
    </>
  );
}

const SCALING: readonly (readonly [keyof Draft, Key])[] = [
  ["minCapacity", "models.minCapacity"], ["maxCapacity", "models.maxCapacity"], ["cooldown", "wizard.cooldown"], ["warmup", "wizard.warmup"],
  ["metricTarget", "wizard.metricTarget"], ["metricDuration", "wizard.metricDuration"], ["metricWarmup", "wizard.metricWarmup"],
];
const HEALTH: readonly (readonly [keyof Draft, Key])[] = [
  ["healthInterval", "wizard.healthInterval"], ["healthTimeout", "wizard.healthTimeout"], ["healthyCount", "wizard.healthyCount"], ["unhealthyCount", "wizard.unhealthyCount"],
];

function Scaling({ draft, set, error }: StepProps): ReactNode {
  const amount = ([name, label]: readonly [keyof Draft, Key]): ReactNode => (
    <TextField key={name} type="number" label={t(label)} min={0} value={String(draft[name])} error={error(name)} onChange={(value) => set({ [name]: value })} />
  );
  return (
    <>
      <div className="columns">{SCALING.map(amount)}<TextField label={t("wizard.metricName")} value={draft.metricName} onChange={(metricName) => set({ metricName })} /></div>
      <h3 className="small-heading">{t("wizard.health")}</h3>
      <div className="columns"><TextField label={t("wizard.healthPath")} mono value={draft.healthPath} error={error("healthPath")} onChange={(healthPath) => set({ healthPath })} />{HEALTH.map(amount)}</div>
    </>
  );
}

function Review({ draft }: { draft: Draft }): ReactNode {
  const [form, setForm] = useState<"json" | "command">("json");
  const { apiKey, ...request } = requestOf(draft);
  const text = form === "json" ? JSON.stringify({ ...request, ...(apiKey ? { apiKey: "••••••••" } : {}) }, null, 2) : commandOf(draft);
  return (
    <>
      <p>{t("wizard.reviewText")}</p>
      <div className="row">
        <div className="toggle" role="group" aria-label={t("wizard.form")}>
          {(["json", "command"] as const).map((name) => <button key={name} type="button" aria-pressed={form === name} onClick={() => setForm(name)}>{t(`wizard.${name}`)}</button>)}
        </div>
        <span className="spring" />
        <CopyButton text={text} label={t("common.copy")} wordy />
      </div>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="review" tabIndex={0} role="region" aria-label={t("wizard.review")}><code>{text}</code></pre>
    </>
  );
}

// What a conversation is set to: prompts, history, passages and parameters, and the call that they make.

import { type ReactNode, useState } from "react";
import type { Parameters } from "../api/chat.ts";
import { here } from "../app/deployment.ts";
import { CopyButton } from "../parts/CopyButton.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { SelectField, Switch, TextField } from "../parts/Field.tsx";
import { t } from "../strings/translate.ts";
import { asCall } from "./call.ts";
import { chat } from "./store.ts";
import { useChat } from "./useChat.ts";

export function SettingsPanel({ onClose }: { onClose: () => void }): ReactNode {
  const state = useChat();
  const { settings } = state;
  return (
    <Dialog shape="side" title={t("settings.title")} onClose={onClose}>
      <TextField label={t("settings.system")} help={t("settings.systemHelp")} rows={4} value={settings.system} onChange={(system) => chat.set({ system })} />
      <TextField label={t("settings.template")} help={t("settings.templateHelp")} rows={3} mono value={settings.template} placeholder="{input}" onChange={(template) => chat.set({ template })} />
      <Amount label={t("settings.history")} help={t("settings.historyHelp")} value={settings.history} min={0} max={200} onChange={(history) => chat.set({ history: history ?? 0 })} />
      {here.rag && <Amount label={t("settings.passages")} help={t("settings.passagesHelp")} value={settings.passages} min={1} max={20} onChange={(passages) => chat.set({ passages: passages ?? 5 })} />}
      <Switch label={t("settings.stream")} help={t("settings.streamHelp")} checked={settings.stream} onChange={(stream) => chat.set({ stream })} />
      <h3 className="small-heading">{t("settings.parameters")}</h3>
      <p className="help">{t("settings.parametersHelp")}</p>
      <ParameterFields />
      <Call />
    </Dialog>
  );
}

interface AmountProps {
  label: string;
  help?: string;
  value: number | undefined;
  min: number;
  max: number;
  step?: number;
  onChange: (value: number | undefined) => void;
}

/** A number that may be left out. */
function Amount({ label, help, value, min, max, step = 1, onChange }: AmountProps): ReactNode {
  const isWrong = value !== undefined && (value < min || value > max);
  return (
    <TextField type="number" label={label} help={help} value={value === undefined ? "" : String(value)} min={min} max={max} step={step} placeholder={t("settings.default")}
      error={isWrong ? t("settings.between", { min, max }) : undefined}
      onChange={(text) => onChange(text === "" || Number.isNaN(Number(text)) ? undefined : Number(text))} />
  );
}

const NUMBERS = [
  { name: "temperature", min: 0, max: 2, step: 0.1 },
  { name: "top_p", min: 0, max: 1, step: 0.05 },
  { name: "max_tokens", min: 1, max: 1_000_000, step: 1 },
  { name: "frequency_penalty", min: -2, max: 2, step: 0.1 },
  { name: "presence_penalty", min: -2, max: 2, step: 0.1 },
  { name: "seed", min: 0, max: 2 ** 31 - 1, step: 1 },
] as const;

function ParameterFields(): ReactNode {
  const { parameters } = useChat().settings;
  const [stop, setStop] = useState(parameters.stop?.join("\n") ?? "");
  function set(changes: { [Name in keyof Parameters]?: Parameters[Name] | undefined }): void {
    const merged = { ...parameters, ...changes };
    chat.set({ parameters: Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) });
  }
  return (
    <div className="columns">
      {NUMBERS.map(({ name, ...limits }) => <Amount key={name} label={t(`settings.${name}`)} value={parameters[name]} {...limits} onChange={(value) => set({ [name]: value })} />)}
      <SelectField label={t("settings.reasoning")} value={parameters.reasoning_effort ?? ""} onChange={(value) => set({ reasoning_effort: value === "" ? undefined : (value as "low" | "medium" | "high") })}
        options={[{ value: "", label: t("settings.default") }, ...(["low", "medium", "high"] as const).map((value) => ({ value, label: t(`settings.${value}`) }))]} />
      <TextField label={t("settings.stop")} help={t("settings.stopHelp")} rows={2} mono value={stop} onChange={(text) => {
        setStop(text);
        const lines = text.split("\n").filter((line) => line !== "").slice(0, 4);
        set({ stop: lines.length > 0 ? lines : undefined });
      }} />
    </div>
  );
}

function Call(): ReactNode {
  const state = useChat();
  const [form, setForm] = useState<"curl" | "python">("curl");
  const text = asCall(state, here.serve ?? "", form);
  return (
    <details className="call">
      <summary>{t("settings.call")}</summary>
      <div className="row">
        <SelectField label={t("settings.callForm")} value={form} onChange={(value) => setForm(value as "curl" | "python")} options={[{ value: "curl", label: "curl" }, { value: "python", label: "Python" }]} />
        <span className="spring" />
        <CopyButton text={text} label={t("settings.copyCall")} wordy />
      </div>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} role="region" aria-label={t("settings.call")}><code>{text}</code></pre>
    </details>
  );
}

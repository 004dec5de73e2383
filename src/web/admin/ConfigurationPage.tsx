// The configuration that administrators change while the deployment runs: banner, announcement, features.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Configuration, configurations, type ConfigurationVersion, putConfiguration } from "../api/small.ts";
import { Switch, TextField } from "../parts/Field.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { Page } from "../parts/Page.tsx";
import { currentLanguage, t } from "../strings/translate.ts";

export function ConfigurationPage(): ReactNode {
  const versions = useQuery({ queryKey: ["configuration"], queryFn: configurations });
  const newest = versions.data?.[0];
  return (
    <Page title={t("configuration.title")} lead={t("configuration.lead")} query={versions}>
      {versions.isSuccess && <Form key={newest?.versionId ?? "none"} version={newest} />}
      {versions.data && versions.data.length > 0 && <History versions={versions.data} />}
    </Page>
  );
}

const NO_BANNER = { isEnabled: false, text: "", textColor: "#ffffff", backgroundColor: "#0f5f5c" };

function Form({ version }: { version: ConfigurationVersion | undefined }): ReactNode {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Configuration>(version?.configuration ?? {});
  const [reason, setReason] = useState("");
  const save = useMutation({
    mutationFn: () => putConfiguration(version, draft, reason.trim()),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["configuration"] }),
  });
  const banner = { ...NO_BANNER, ...draft.systemBanner };
  const setBanner = (changes: Partial<typeof banner>): void => setDraft({ ...draft, systemBanner: { ...banner, ...changes } });
  const features = Object.entries(draft.enabledComponents ?? {}).sort(([one], [other]) => one.localeCompare(other));
  const isChanged = JSON.stringify(draft) !== JSON.stringify(version?.configuration ?? {});
  return (
    <form className="form" onSubmit={(event) => {
      event.preventDefault();
      save.mutate();
    }}>
      <h2>{t("configuration.banner")}</h2>
      <Switch label={t("configuration.bannerOn")} checked={banner.isEnabled} onChange={(isEnabled) => setBanner({ isEnabled })} />
      <div className="columns">
        <TextField label={t("configuration.bannerText")} value={banner.text} onChange={(text) => setBanner({ text })} />
        <TextField label={t("configuration.textColor")} mono value={banner.textColor} onChange={(textColor) => setBanner({ textColor })} />
        <TextField label={t("configuration.backgroundColor")} mono value={banner.backgroundColor} onChange={(backgroundColor) => setBanner({ backgroundColor })} />
      </div>
      {features.length > 0 && <h2>{t("configuration.features")}</h2>}
      <div className="switches">
        {features.map(([name, isOn]) => (
          <Switch key={name} label={spaced(name)} checked={isOn} onChange={(on) => setDraft({ ...draft, enabledComponents: { ...draft.enabledComponents, [name]: on } })} />
        ))}
      </div>
      {save.error && <Notice title={t("configuration.notSaved")} detail={messageOf(save.error)} />}
      <div className="row end save-row">
        <TextField label={t("configuration.reason")} value={reason} onChange={setReason} />
        <button type="submit" className="button primary" disabled={!isChanged || save.isPending}>{t("common.save")}</button>
      </div>
    </form>
  );
}

/** Letters that stand for words. */
const LETTERS = /\b(?:aws|mcp|rag)\b/g;

/** `uploadRagDocs` as `Upload RAG docs`: features are upstream's names, which no catalogue lists in full. */
function spaced(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().replace(LETTERS, (letters) => letters.toUpperCase());
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function History({ versions }: { versions: readonly ConfigurationVersion[] }): ReactNode {
  return (
    <details className="history">
      <summary>{t("configuration.history", { count: versions.length })}</summary>
      <ol>
        {versions.map((version) => (
          <li key={version.versionId}>
            <span>{t("configuration.version", { number: version.versionId })}</span>
            <span>{[timeOf(version), version.changedBy, version.changeReason].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** Seconds since 1970, or ISO 8601. */
function timeOf({ created_at: at }: ConfigurationVersion): string {
  if (at === undefined) return "";
  const date = new Date(Number.isNaN(Number(at)) ? at : Number(at) * 1000);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleString(currentLanguage(), { dateStyle: "medium", timeStyle: "short" });
}

// Models: as cards or as a table, how each stands and why, and what can be done with those that are managed here.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { managedQuery, servedQuery } from "../api/queries.ts";
import { allowed, deleteModel, type Model, updateModel } from "../api/models.ts";
import { listed, type Listed } from "../api/served.ts";
import { Confirm } from "../parts/Dialog.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Menu, type MenuItem } from "../parts/Menu.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { Page } from "../parts/Page.tsx";
import { t } from "../strings/translate.ts";
import { ModelUpdate } from "./ModelUpdate.tsx";
import { ModelWizard } from "./ModelWizard.tsx";
import { Status } from "./Status.tsx";

type Open = { kind: "add" } | { kind: "update" | "stop" | "remove"; model: Model } | null;
type View = "cards" | "table";

const VIEW = "lisa.models.view";

export function ModelsPage(): ReactNode {
  const models = useQuery(managedQuery);
  // Without it the page still manages what is managed.
  const served = useQuery(servedQuery(models.data ?? []));
  // The gateway hears a little later of what is deleted, and would bring it back until then.
  const [deleted, setDeleted] = useState<readonly string[]>([]);
  const queries = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const [view, setView] = useState<View>(() => (localStorage.getItem(VIEW) === "table" ? "table" : "cards"));
  const [query, setQuery] = useState("");
  const change = useMutation({
    mutationFn: ({ model, what }: { model: Model; what: "start" | "stop" | "remove" }) =>
      what === "remove" ? deleteModel(model.modelId) : updateModel(model.modelId, { enabled: what === "start" }),
    onSuccess: (_, { model, what }) => {
      if (what === "remove") setDeleted((before) => [...before, model.modelId]);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["models"] }),
  });
  function act(model: Model): MenuItem[] {
    const may = allowed(model);
    return [
      { label: t("models.start"), icon: "play", disabled: !may.start, act: () => change.mutate({ model, what: "start" }) },
      { label: t("models.stop"), icon: "stop", disabled: !may.stop, act: () => setOpen({ kind: "stop", model }) },
      { label: t("models.update"), icon: "edit", disabled: !may.update, act: () => setOpen({ kind: "update", model }) },
      { label: t("common.delete"), icon: "trash", danger: true, disabled: !may.remove, act: () => setOpen({ kind: "remove", model }) },
    ];
  }
  const all = listed(models.data ?? [], (served.data ?? []).filter(({ name }) => !deleted.includes(name)));
  const shown = all.filter((model) => `${model.modelId} ${model.modelName} ${model.modelType}`.toLowerCase().includes(query.toLowerCase()));
  const Shape = view === "cards" ? Cards : Table;
  return (
    <Page title={t("models.title")} lead={t("models.lead")} query={models} actions={<button type="button" className="button primary" onClick={() => setOpen({ kind: "add" })}><Icon name="plus" />{t("models.add")}</button>}>
      {change.error && <Notice title={t("models.notChanged")} detail={messageOf(change.error)} />}
      <div className="tools">
        <input type="search" aria-label={t("models.search")} placeholder={t("models.search")} value={query} onChange={(event) => setQuery(event.target.value)} />
        <span className="spring" />
        <div className="toggle" role="group" aria-label={t("models.view")}>
          {(["cards", "table"] as const).map((name) => (
            <button key={name} type="button" aria-pressed={view === name} title={t(`models.${name}`)} aria-label={t(`models.${name}`)} onClick={() => {
              setView(name);
              localStorage.setItem(VIEW, name);
            }}><Icon name={name === "cards" ? "grid" : "rows"} /></button>
          ))}
        </div>
      </div>
      {models.isSuccess && shown.length === 0 && <p className="nothing">{t(query ? "common.nothing" : "models.none")}</p>}
      {shown.length > 0 && <Shape models={shown} act={act} />}
      {open?.kind === "add" && <ModelWizard existing={all.map((model) => model.modelId)} onClose={() => setOpen(null)} />}
      {open?.kind === "update" && <ModelUpdate model={open.model} onClose={() => setOpen(null)} />}
      {open && (open.kind === "stop" || open.kind === "remove") && (
        <Confirm title={t(`models.${open.kind}Title`)} action={t(open.kind === "stop" ? "models.stop" : "common.delete")} onClose={() => setOpen(null)}
          onConfirm={() => change.mutate({ model: open.model, what: open.kind as "stop" | "remove" })}>
          <p>{t(`models.${open.kind}Text`, { name: open.model.modelId })}</p>
        </Confirm>
      )}
    </Page>
  );
}

interface ShapeProps {
  models: readonly Listed[];
  act: (model: Model) => MenuItem[];
}

/** `Hosted here on g5.xlarge`, or where else the model is. */
function placeOf(model: Listed): string {
  if (model.isFixture) return t("models.builtIn");
  if (!model.isManaged) return t("models.unmanaged");
  if (model.instanceType) return t("models.hostedOn", { instance: model.instanceType });
  return model.modelUrl || t("models.external");
}

/** What can be done with a model that is managed here. */
function Actions({ model, act }: { model: Listed; act: ShapeProps["act"] }): ReactNode {
  return model.isManaged && <Menu label={t("models.actions", { name: model.modelId })} items={act(model as Model)} />;
}

function Cards({ models, act }: ShapeProps): ReactNode {
  return (
    <ul className="cards">
      {models.map((model) => (
        <li key={model.modelId} className="card" data-status={model.status}>
          <header className="card-head">
            <h2>{model.modelId}</h2>
            <Actions model={model} act={act} />
          </header>
          <Status model={model} />
          <dl className="facts">
            {model.modelName !== model.modelId && <div><dt>{t("models.name")}</dt><dd>{model.modelName}</dd></div>}
            <div><dt>{t("models.type")}</dt><dd>{t(`models.${model.modelType}`)}</dd></div>
            <div><dt>{t("models.place")}</dt><dd>{placeOf(model)}</dd></div>
            {model.inferenceContainer && <div><dt>{t("models.engine")}</dt><dd>{model.inferenceContainer}</dd></div>}
          </dl>
        </li>
      ))}
    </ul>
  );
}

function Table({ models, act }: ShapeProps): ReactNode {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table" role="region" aria-label={t("models.title")} tabIndex={0}>
      <table>
        <thead><tr>{(["id", "name", "type", "place", "status"] as const).map((name) => <th key={name} scope="col">{t(`models.${name}`)}</th>)}<th scope="col"><span className="unseen">{t("common.actions")}</span></th></tr></thead>
        <tbody>
          {models.map((model) => (
            <tr key={model.modelId}>
              <th scope="row">{model.modelId}</th>
              <td>{model.modelName}</td>
              <td>{t(`models.${model.modelType}`)}</td>
              <td>{placeOf(model)}</td>
              <td><Status model={model} /></td>
              <td><Actions model={model} act={act} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

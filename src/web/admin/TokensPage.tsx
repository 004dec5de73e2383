// API tokens: those that there are, and a new one whose text is shown once.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { createToken, deleteToken, listTokens, type Token } from "../api/small.ts";
import { usePerson } from "../app/person.ts";
import { CopyButton } from "../parts/CopyButton.tsx";
import { Confirm, Dialog } from "../parts/Dialog.tsx";
import { TextField } from "../parts/Field.tsx";
import { Icon } from "../parts/Icon.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { Page } from "../parts/Page.tsx";
import { currentLanguage, t } from "../strings/translate.ts";
import { listOf } from "./draft.ts";

const DAYS = 90;

export function TokensPage(): ReactNode {
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: listTokens });
  const queries = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const [asked, setAsked] = useState<Token | null>(null);
  const remove = useMutation({ mutationFn: (token: Token) => deleteToken(token.tokenUUID), onSettled: () => queries.invalidateQueries({ queryKey: ["tokens"] }) });
  return (
    <Page title={t("tokens.title")} lead={t("tokens.lead")} query={tokens} actions={<button type="button" className="button primary" onClick={() => setAdding(true)}><Icon name="plus" />{t("tokens.add")}</button>}>
      {remove.error && <Notice title={messageOf(remove.error)} />}
      {tokens.data?.length === 0 && <p className="nothing">{t("tokens.none")}</p>}
      {tokens.data && tokens.data.length > 0 && <Table tokens={tokens.data} onRemove={setAsked} />}
      {isAdding && <NewToken onClose={() => setAdding(false)} />}
      {asked && (
        <Confirm title={t("tokens.revokeTitle")} action={t("tokens.revoke")} onClose={() => setAsked(null)} onConfirm={() => remove.mutate(asked)}>
          <p>{t("tokens.revokeText", { name: asked.name })}</p>
        </Confirm>
      )}
    </Page>
  );
}

function Table({ tokens, onRemove }: { tokens: readonly Token[]; onRemove: (token: Token) => void }): ReactNode {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table" role="region" aria-label={t("tokens.title")} tabIndex={0}>
      <table>
        <thead><tr>{(["name", "owner", "groups", "ends"] as const).map((name) => <th key={name} scope="col">{t(`tokens.${name}`)}</th>)}<th scope="col"><span className="unseen">{t("common.actions")}</span></th></tr></thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.tokenUUID}>
              <th scope="row">{token.name}{token.isLegacy && <span className="tag">{t("tokens.legacy")}</span>}</th>
              <td>{token.username ?? ""}</td>
              <td>{(token.groups ?? []).join(", ")}</td>
              <td>{endOf(token)}</td>
              <td><button type="button" className="button small" aria-label={t("tokens.revokeName", { name: token.name })} onClick={() => onRemove(token)}>{t("tokens.revoke")}</button></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function endOf({ tokenExpiration }: Token): string {
  if (!tokenExpiration) return t("tokens.never");
  const date = new Date(tokenExpiration * 1000);
  const text = date.toLocaleDateString(currentLanguage(), { dateStyle: "medium" });
  return date.getTime() < Date.now() ? t("tokens.ended", { date: text }) : text;
}

function NewToken({ onClose }: { onClose: () => void }): ReactNode {
  const person = usePerson();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [user, setUser] = useState("");
  const [groups, setGroups] = useState("");
  const [days, setDays] = useState(String(DAYS));
  const add = useMutation({
    mutationFn: () => {
      const ends = Math.floor(Date.now() / 1000) + Number(days) * 86_400;
      const list = listOf(groups);
      return createToken({ name: name.trim(), tokenExpiration: ends, ...(list.length > 0 ? { groups: list } : {}) }, user.trim() || undefined);
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
  const isWhole = name.trim() !== "" && Number(days) > 0;
  if (add.data) {
    return (
      <Dialog title={t("tokens.made")} onClose={onClose} actions={<button type="button" className="button primary" onClick={onClose}>{t("tokens.kept")}</button>}>
        <p>{t("tokens.once")}</p>
        <div className="secret"><code data-testid="token">{add.data}</code><CopyButton text={add.data} label={t("common.copy")} wordy /></div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("tokens.add")} onClose={onClose} actions={
      <>
        <button type="button" className="button" onClick={onClose}>{t("common.cancel")}</button>
        <button type="button" className="button primary" disabled={!isWhole || add.isPending} onClick={() => add.mutate()}>{t("tokens.make")}</button>
      </>
    }>
      {add.error && <Notice title={t("tokens.notMade")} detail={messageOf(add.error)} />}
      <TextField label={t("tokens.name")} help={t("tokens.nameHelp")} value={name} required onChange={setName} />
      <TextField type="number" label={t("tokens.days")} min={1} value={days} onChange={setDays} />
      {person.isAdmin && (
        <>
          <TextField label={t("tokens.owner")} help={t("tokens.ownerHelp")} value={user} onChange={setUser} />
          <TextField label={t("tokens.groups")} help={t("tokens.groupsHelp")} value={groups} onChange={setGroups} />
        </>
      )}
    </Dialog>
  );
}

// The side of the page: a new conversation, those that there are, the other screens, and who is signed in.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link, useLocation, useRoute } from "wouter";
import { deleteSessions, importSessions } from "../api/sessions.ts";
import { getSession } from "../auth/session.ts";
import { announce } from "../parts/announce.ts";
import { Confirm } from "../parts/Dialog.tsx";
import { chooseFile } from "../parts/files.ts";
import { Icon, type IconName } from "../parts/Icon.tsx";
import { Menu } from "../parts/Menu.tsx";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { choose, currentLanguage, LANGUAGES, type Language, t } from "../strings/translate.ts";
import { here } from "./deployment.ts";
import { usePerson } from "./person.ts";
import { SCREENS } from "./screens.ts";
import { SessionList } from "./SessionList.tsx";
import { currentTheme, setTheme, type Theme, THEMES } from "./theme.ts";

interface Props {
  onNavigate: () => void;
  onClose: () => void;
  onPalette: () => void;
}

export function Sidebar({ onNavigate, onClose, onPalette }: Props): ReactNode {
  const person = usePerson();
  const screens = SCREENS.filter((screen) => (!screen.admin || person.isAdmin) && (!screen.rag || here.rag));
  return (
    <>
      <div className="side-head">
        <span className="brand">LISA</span>
        <button type="button" className="icon-button" title={t("palette.title")} aria-label={t("palette.title")} onClick={onPalette}><Icon name="command" /></button>
        <button type="button" className="icon-button" title={t("side.hide")} aria-label={t("side.hide")} onClick={onClose}><Icon name="panel" /></button>
      </div>
      <Link href="/" className="new-chat" onClick={onNavigate}><Icon name="plus" />{t("side.newChat")}</Link>
      <SessionList onOpen={onNavigate} />
      <nav className="screens" aria-label={t("side.screens")}>
        {screens.map((screen) => <ScreenLink key={screen.path} path={screen.path} icon={screen.icon} label={t(screen.label)} onNavigate={onNavigate} />)}
      </nav>
      <Account />
    </>
  );
}

function ScreenLink({ path, icon, label, onNavigate }: { path: string; icon: IconName; label: string; onNavigate: () => void }): ReactNode {
  const [isCurrent] = useRoute(`${path}/*?`);
  return <Link href={path} className="screen-link" aria-current={isCurrent ? "page" : undefined} onClick={onNavigate}><Icon name={icon} />{label}</Link>;
}

const THEME_ICONS: Record<Theme, IconName> = { system: "gear", light: "sun", dark: "moon" };

function Account(): ReactNode {
  const person = usePerson();
  const [theme, change] = useState(currentTheme);
  const [isAsked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ["sessions"] });
  const removeAll = useMutation({ mutationFn: deleteSessions, onSuccess: () => navigate("/"), onSettled: refresh });
  async function bring(): Promise<void> {
    const file = await chooseFile("application/json,.json");
    if (!file) return;
    try {
      await importSessions(JSON.parse(await file.text()));
      announce(t("sessions.imported"));
      setProblem(null);
      await refresh();
    } catch (error) {
      setProblem(t("sessions.notImported", { reason: messageOf(error) }));
    }
  }
  return (
    <div className="account">
      {problem && <Notice title={problem} />}
      <Menu rise align="start" label={t("side.account")} face={
        <>
          <span className="avatar" aria-hidden="true">{(person.name || "?").slice(0, 1).toUpperCase()}</span>
          <span className="account-words"><span>{person.name || t("side.you")}</span><small>LISA {here.version}</small></span>
        </>
      } items={[
        ...THEMES.map((name) => ({ label: t(`theme.${name}`), icon: THEME_ICONS[name], checked: theme === name, act: () => {
          setTheme(name);
          change(name);
        } })),
        ...(Object.keys(LANGUAGES) as Language[]).map((name) => ({ label: LANGUAGES[name], icon: "chat" as const, checked: currentLanguage() === name, act: () => {
          choose(name);
          location.reload();
        } })),
        { label: t("sessions.import"), icon: "upload", act: () => void bring() },
        { label: t("sessions.deleteAll"), icon: "trash", danger: true, act: () => setAsked(true) },
        { label: t("side.signOut"), icon: "user", act: () => void getSession().then((session) => session.signOut()) },
      ]} />
      {isAsked && (
        <Confirm title={t("sessions.deleteAllTitle")} action={t("sessions.deleteAll")} onClose={() => setAsked(false)} onConfirm={() => removeAll.mutate()}>
          <p>{t("sessions.deleteAllText")}</p>
        </Confirm>
      )}
    </div>
  );
}

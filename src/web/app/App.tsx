// The page: who is signed in decides what is drawn, the address decides which screen.

import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { Router } from "wouter";
import { whenSignedOut } from "../api/request.ts";
import { getSession, type Person } from "../auth/session.ts";
import { ChatPage } from "../chat/ChatPage.tsx";
import { Icon } from "../parts/Icon.tsx";
import { LiveRegion } from "../parts/LiveRegion.tsx";
import { t } from "../strings/translate.ts";
import { BannerStrip } from "./BannerStrip.tsx";
import { type Command, listen, useCommands } from "./commands.ts";
import { here } from "./deployment.ts";
import { Palette, Shortcuts } from "./Palette.tsx";
import { PersonContext } from "./person.ts";
import { SCREENS } from "./screens.ts";
import { Sidebar } from "./Sidebar.tsx";
import { SignIn } from "./SignIn.tsx";
import { setTheme } from "./theme.ts";

const Prompts = lazy(() => import("../library/PromptsPage.tsx").then((module) => ({ default: module.PromptsPage })));
const Documents = lazy(() => import("../admin/DocumentsPage.tsx").then((module) => ({ default: module.DocumentsPage })));
const Models = lazy(() => import("../admin/ModelsPage.tsx").then((module) => ({ default: module.ModelsPage })));
const Tokens = lazy(() => import("../admin/TokensPage.tsx").then((module) => ({ default: module.TokensPage })));
const Configuration = lazy(() => import("../admin/ConfigurationPage.tsx").then((module) => ({ default: module.ConfigurationPage })));

type Known = { person: Person | null; problem: string | null };

export function App(): ReactNode {
  const [known, setKnown] = useState<Known | null>(null);
  useEffect(() => {
    // A tab that finds itself signed out keeps what it shows; the draft is in the tab's own storage.
    whenSignedOut(() => setKnown({ person: null, problem: t("signIn.ended") }));
    getSession()
      .then((session) => session.current())
      .then((person) => setKnown({ person, problem: null }))
      .catch((error: unknown) => setKnown({ person: null, problem: error instanceof Error ? error.message : String(error) }));
  }, []);
  if (!known) return <main className="start" aria-busy="true"><h1 className="unseen">LISA</h1><span className="pulse" /></main>;
  if (!known.person) return <SignIn problem={known.problem} />;
  return (
    <PersonContext value={known.person}>
      <Router hook={useHashLocation}><Frame person={known.person} /></Router>
    </PersonContext>
  );
}

type Shown = "palette" | "shortcuts" | null;

/** Below this width the side lies over the page. */
const NARROW = "(max-width: 60rem)";

function Frame({ person }: { person: Person }): ReactNode {
  const [isOpen, setOpen] = useState(() => !matchMedia(NARROW).matches);
  const [shown, setShown] = useState<Shown>(null);
  const [, navigate] = useLocation();
  useEffect(listen, []);
  const screens = SCREENS.filter((screen) => (!screen.admin || person.isAdmin) && (!screen.rag || here.rag));
  const commands: Command[] = [
    { id: "palette", label: t("palette.title"), icon: "command", keys: "Mod+K", act: () => setShown("palette") },
    { id: "new", label: t("side.newChat"), icon: "plus", keys: "Mod+Shift+O", act: () => navigate("/") },
    { id: "side", label: t("side.toggle"), icon: "panel", keys: "Mod+B", act: () => setOpen((before) => !before) },
    { id: "shortcuts", label: t("shortcuts.title"), icon: "command", keys: "?", act: () => setShown("shortcuts") },
    ...screens.map((screen) => ({ id: screen.path, label: t("palette.goTo", { name: t(screen.label) }), icon: screen.icon, act: () => navigate(screen.path) })),
    { id: "light", label: t("theme.light"), icon: "sun", act: () => setTheme("light") },
    { id: "dark", label: t("theme.dark"), icon: "moon", act: () => setTheme("dark") },
  ];
  useCommands("frame", commands);
  const closeIfNarrow = (): void => {
    if (matchMedia(NARROW).matches) setOpen(false);
  };
  return (
    <div className="shell">
      <a className="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        document.getElementById("main")?.focus();
      }}>{t("side.skip")}</a>
      <BannerStrip />
      <div className="frame" data-side={isOpen}>
        <aside className="side" aria-label={t("side.title")} inert={!isOpen}>
          <Sidebar onNavigate={closeIfNarrow} onClose={() => setOpen(false)} onPalette={() => setShown("palette")} />
        </aside>
        {isOpen && <button type="button" className="side-shade" tabIndex={-1} aria-label={t("side.hide")} onClick={() => setOpen(false)} />}
        <main id="main" tabIndex={-1}>
          {!isOpen && (
            <div className="side-open">
              <button type="button" className="icon-button" title={t("side.show")} aria-label={t("side.show")} onClick={() => setOpen(true)}><Icon name="panel" /></button>
              <Link href="/" className="icon-button" title={t("side.newChat")} aria-label={t("side.newChat")}><Icon name="plus" /></Link>
            </div>
          )}
          <Screens isAdmin={person.isAdmin} />
        </main>
      </div>
      <BannerStrip />
      <LiveRegion />
      {shown === "palette" && <Palette onClose={() => setShown(null)} />}
      {shown === "shortcuts" && <Shortcuts onClose={() => setShown(null)} />}
    </div>
  );
}

function Screens({ isAdmin }: { isAdmin: boolean }): ReactNode {
  return (
    <Suspense fallback={<p className="waiting middle" role="status"><span className="pulse" />{t("common.loading")}</p>}>
      <Switch>
        <Route path="/"><ChatPage sessionId={null} /></Route>
        <Route path="/chat/:id">{({ id }) => <ChatPage sessionId={decodeURIComponent(id)} />}</Route>
        <Route path="/prompts"><Prompts /></Route>
        {here.rag && <Route path="/documents/*?">{(params) => <Documents repositoryId={params["*"] ? decodeURIComponent(params["*"]) : null} />}</Route>}
        {isAdmin && <Route path="/models"><Models /></Route>}
        <Route path="/tokens"><Tokens /></Route>
        {isAdmin && <Route path="/configuration"><Configuration /></Route>}
        <Route>
          <section className="page">
            <h1>{t("common.noPage")}</h1>
            <p><Link href="/">{t("common.toChat")}</Link></p>
          </section>
        </Route>
      </Switch>
    </Suspense>
  );
}

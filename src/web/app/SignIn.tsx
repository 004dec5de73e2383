// What is seen before anybody is signed in, and what to do about it.

import { type ReactNode, useState } from "react";
import { getSession } from "../auth/session.ts";
import { messageOf, Notice } from "../parts/Notice.tsx";
import { t } from "../strings/translate.ts";
import { here } from "./deployment.ts";

export function SignIn({ problem }: { problem: string | null }): ReactNode {
  const [error, setError] = useState<string | null>(null);
  const [isUnderWay, setUnderWay] = useState(false);
  async function start(): Promise<void> {
    setUnderWay(true);
    setError(null);
    try {
      await (await getSession()).signIn();
    } catch (reason) {
      setError(t("signIn.failed", { reason: messageOf(reason) }));
      setUnderWay(false);
    }
  }
  const { mode } = here.signIn;
  return (
    <main className="start">
      <div className="sign-in">
        <h1>LISA</h1>
        <p className="lead">{t("signIn.lead")}</p>
        {problem && <Notice title={problem} />}
        {error && <Notice title={error} />}
        {mode === "openid" && <button type="button" className="button primary large" disabled={isUnderWay} onClick={() => void start()}>{t(isUnderWay ? "signIn.underWay" : "signIn.button")}</button>}
        {mode === "cookie" && <p>{t("signIn.cookie")}</p>}
        {mode === "unset" && <p>{t("signIn.unset")}</p>}
        <p className="fine">LISA {here.version}</p>
      </div>
    </main>
  );
}

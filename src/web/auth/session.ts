// Who uses the page: signed in by OpenID or by the cookie of `lisa local`, and what goes with a request.

import { here } from "../app/deployment.ts";

export interface Person {
  name: string;
  email: string;
  isAdmin: boolean;
}

/** How the page signs people in, whatever stands behind it. */
export interface Session {
  /** Who is signed in already, also on the way back from a provider; `null` for nobody. */
  current(): Promise<Person | null>;
  signIn(): Promise<void>;
  signOut(): Promise<void>;
  /** The `Authorization` header of a request, `null` where a cookie says it; fresh after `renew`. */
  authorization(): Promise<string | null>;
  /** Gets a new token now; `false` if that needs the person. */
  renew(): Promise<boolean>;
}

let session: Promise<Session> | null = null;

/** The session of this page; the OpenID client is fetched only where it is used. */
export function getSession(): Promise<Session> {
  session ??= open();
  return session;
}

async function open(): Promise<Session> {
  if (here.signIn.mode === "openid") {
    const { openIdSession } = await import("./openid.ts");
    return openIdSession(here.signIn);
  }
  const { cookieSession } = await import("./cookie.ts");
  return cookieSession(here.signIn);
}

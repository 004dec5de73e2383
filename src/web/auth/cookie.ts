// The session of `lisa local`: a cookie that scripts cannot read, given for the one-time link that the command printed.

import { here, type SignIn } from "../app/deployment.ts";
import type { Session } from "./session.ts";

/** A session that the server keeps; any route that needs a user says whether it stands. */
export function cookieSession(signIn: Exclude<SignIn, { mode: "openid" }>): Session {
  return {
    async current() {
      if (signIn.mode === "unset") return null;
      const response = await fetch(`${here.rest}/models`, { headers: { Accept: "application/json" } });
      if (response.status === 401 || response.status === 403) return null;
      return { name: signIn.user, email: "", isAdmin: signIn.isAdmin };
    },
    // Only the link in the terminal signs in.
    signIn: () => Promise.resolve(location.reload()),
    async signOut() {
      await fetch(`${here.rest}/logout`, { method: "POST" });
      location.reload();
    },
    authorization: () => Promise.resolve(null),
    renew: () => Promise.resolve(false),
  };
}

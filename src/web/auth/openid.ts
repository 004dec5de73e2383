// Sign-in by OpenID: code with PKCE, tokens in memory and the tab's own storage, renewed a minute before they end.

import { type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { SignIn } from "../app/deployment.ts";
import { isMember } from "./groups.ts";
import type { Person, Session } from "./session.ts";

/** Seconds before its end at which a token is renewed. */
const EARLY = 60;
/** One tab renews at a time: a refresh token that is used twice is revoked by careful providers. */
const LOCK = "lisa-renewal";

type OpenId = Extract<SignIn, { mode: "openid" }>;

export function openIdSession(settings: OpenId): Session {
  const manager = new UserManager({
    authority: settings.authority,
    client_id: settings.clientId,
    redirect_uri: location.origin + location.pathname,
    post_logout_redirect_uri: location.origin + location.pathname,
    scope: settings.scopes,
    response_type: "code",
    automaticSilentRenew: false,
    accessTokenExpiringNotificationTimeInSeconds: EARLY,
    // Ends with the tab. What outlives it can be stolen from it.
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
  });
  const renewal = new Renewal(manager);
  manager.events.addAccessTokenExpiring(() => void renewal.renew());
  return {
    current: async () => person(await returned(manager, renewal), settings),
    // The page's own place comes back with the answer.
    signIn: () => manager.signinRedirect({ state: { hash: location.hash } }),
    signOut: () => leave(manager),
    authorization: async () => header(await manager.getUser()),
    renew: () => renewal.renew(),
  };
}

/** One renewal at a time, in this tab and over all tabs. */
class Renewal {
  private under: Promise<boolean> | null = null;
  private readonly manager: UserManager;

  constructor(manager: UserManager) {
    this.manager = manager;
  }

  renew(): Promise<boolean> {
    this.under ??= this.locked().finally(() => {
      this.under = null;
    });
    return this.under;
  }

  private locked(): Promise<boolean> {
    const once = async (): Promise<boolean> => {
      try {
        return (await this.manager.signinSilent()) !== null;
      } catch {
        return false;
      }
    };
    return navigator.locks ? navigator.locks.request(LOCK, once) : once();
  }
}

/** The user after the way back from the provider, or the one that the tab knows. */
async function returned(manager: UserManager, renewal: Renewal): Promise<User | null> {
  const query = new URLSearchParams(location.search);
  if (query.has("state") && (query.has("code") || query.has("error"))) {
    const address = location.href;
    // The code is gone from the address before anything is drawn.
    history.replaceState(null, "", location.pathname + location.hash);
    const user = await manager.signinCallback(address);
    const state = user?.state as { hash?: string } | undefined;
    if (state?.hash) history.replaceState(null, "", location.pathname + state.hash);
    return user ?? null;
  }
  const user = await manager.getUser();
  if (user?.expired !== true) return user;
  return (await renewal.renew()) ? manager.getUser() : null;
}

async function leave(manager: UserManager): Promise<void> {
  try {
    await manager.signoutRedirect();
  } catch {
    // A provider without an address for signing out: the tab forgets alone.
    await manager.removeUser();
    location.reload();
  }
}

/** The identity token, as upstream sends it; providers make opaque access tokens that only they can read. */
function header(user: User | null): string | null {
  const token = user?.id_token ?? user?.access_token;
  return token ? `Bearer ${token}` : null;
}

function person(user: User | null, settings: OpenId): Person | null {
  if (!user) return null;
  const { name, preferred_username, email, sub } = user.profile;
  return {
    name: name ?? preferred_username ?? email ?? sub,
    email: email ?? "",
    isAdmin: isMember(user.profile, settings.groupsProperty, settings.adminGroup),
  };
}

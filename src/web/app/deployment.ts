// What the page knows of its deployment: the settings of `env.js` (`window.env`, by upstream's names) as typed values.
//
// `lisa deploy` writes AUTHORITY, CLIENT_ID, CUSTOM_SCOPES, ADMIN_GROUP, JWT_GROUPS_PROP, RESTAPI_URI, RESTAPI_VERSION,
// API_BASE_URL, RAG_ENABLED and SYSTEM_BANNER. `lisa local` writes AUTH_MODE `cookie`, USER_NAME and IS_ADMIN, and serves
// every route under the page's own origin.

/** How people sign in. */
export type SignIn =
  | { mode: "openid"; authority: string; clientId: string; scopes: string; adminGroup: string; groupsProperty: string }
  /** A cookie that scripts cannot read, set by the server that serves the page. */
  | { mode: "cookie"; user: string; isAdmin: boolean }
  /** `env.js` is missing. */
  | { mode: "unset" };

export interface Banner {
  text: string;
  color: string;
  background: string;
}

export interface Deployment {
  /** Base of the OpenAI-compatible API, without a slash at its end; `null` where it is not deployed. */
  serve: string | null;
  /** Base of the REST API, without a slash at its end. */
  rest: string;
  rag: boolean;
  banner: Banner | null;
  version: string;
  signIn: SignIn;
}

/** Reads the settings; `page` is the address of the page. */
export function deployment(env: Record<string, unknown>, page: string): Deployment {
  const rest = new URL(text(env.API_BASE_URL) || "./", page).href.replace(/\/$/, "");
  const uri = env.RESTAPI_URI === undefined ? null : new URL(text(env.RESTAPI_URI) || "/", page).href.replace(/\/$/, "");
  return {
    serve: uri === null ? null : `${uri}/${text(env.RESTAPI_VERSION) || "v2"}/serve`,
    rest,
    rag: env.RAG_ENABLED === true || env.RAG_ENABLED === "true",
    banner: banner(env.SYSTEM_BANNER),
    version: text(env.VERSION) || __VERSION__,
    signIn: signIn(env),
  };
}

function signIn(env: Record<string, unknown>): SignIn {
  if (env.AUTH_MODE === "cookie") {
    return { mode: "cookie", user: text(env.USER_NAME), isAdmin: env.IS_ADMIN === true };
  }
  const [authority, clientId] = [text(env.AUTHORITY), text(env.CLIENT_ID)];
  if (!authority || !clientId) return { mode: "unset" };
  const wanted = Array.isArray(env.CUSTOM_SCOPES) ? env.CUSTOM_SCOPES.map(text) : text(env.CUSTOM_SCOPES).split(/\s+/);
  const scopes = [...new Set(["openid", "profile", "email", ...wanted.filter(Boolean)])].join(" ");
  return { mode: "openid", authority, clientId, scopes, adminGroup: text(env.ADMIN_GROUP), groupsProperty: text(env.JWT_GROUPS_PROP) };
}

/** The banner in one of its two spellings, and as text where an old page wrote it so. */
export function banner(setting: unknown): Banner | null {
  let value = setting;
  if (typeof value === "string" && value.trim().startsWith("{")) {
    try {
      value = JSON.parse(value);
    } catch {
      return null;
    }
  }
  if (typeof value !== "object" || value === null) return null;
  const { text: words, isEnabled, fontColor, textColor, backgroundColor } = value as Record<string, unknown>;
  if (typeof words !== "string" || words === "" || isEnabled === false) return null;
  return { text: words, color: text(textColor) || text(fontColor), background: text(backgroundColor) };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** This page's own deployment. */
export const here: Deployment =
  typeof window === "undefined"
    ? deployment({}, "http://localhost/")
    : deployment(window.env ?? {}, location.origin + location.pathname);

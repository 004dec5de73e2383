// The certified OpenID provider, on loopback, for the page's own sign-in: a public client, code with PKCE, short tokens.
// It is as strict as careful ones are: a refresh token is good for one use.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { homedir } from "node:os";

/** Seconds that a token lasts: less than a slow answer does. */
export const LIFE = 5;

const FORGOTTEN = { "content-type": "application/json", "access-control-allow-origin": "*" };

interface Provider {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  on(event: string, told: (...values: unknown[]) => void): void;
}

export class OpenId {
  private server: Server | null = null;
  /** How often a token was renewed. */
  renewals = 0;
  /** Whether it has forgotten everybody: nothing is renewed until they sign in again. */
  hasForgotten = false;
  issuer = "";

  /** Starts it for a page at an address. */
  async listen(page: string): Promise<void> {
    const tools = process.env.LISA_TOOLS_DIR ?? join(homedir(), ".cache/lisa-tools");
    const module = (await import(pathToFileURL(join(tools, "openid/node_modules/oidc-provider/lib/index.js")).href)) as { default: new (issuer: string, settings: object) => Provider };
    this.server = createServer();
    await new Promise<void>((resolve) => this.server?.listen(0, "127.0.0.1", resolve));
    this.issuer = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    const provider = new module.default(this.issuer, {
      clients: [{ client_id: "lisa", token_endpoint_auth_method: "none", grant_types: ["authorization_code", "refresh_token"], response_types: ["code"], redirect_uris: [page], post_logout_redirect_uris: [page], application_type: "native" }],
      pkce: { required: () => true },
      scopes: ["openid", "profile", "email", "offline_access"],
      claims: { openid: ["sub"], profile: ["name", "groups"], email: ["email"] },
      conformIdTokenClaims: false,
      clientBasedCORS: () => true,
      issueRefreshToken: () => true,
      rotateRefreshToken: () => true,
      ttl: { AccessToken: LIFE, IdToken: LIFE, RefreshToken: 3600, Session: 3600, Grant: 3600, Interaction: 600 },
      findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id, name: "Grace Hopper", email: "grace@example.com", groups: ["lisa-admins"] }) }),
    });
    provider.on("refresh_token.consumed", () => {
      this.renewals += 1;
    });
    const answer = provider.callback();
    this.server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      if (this.hasForgotten && request.method === "POST") response.writeHead(400, FORGOTTEN).end('{"error":"invalid_grant"}');
      else answer(request, response);
    });
  }

  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

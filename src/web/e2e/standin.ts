// A stand-in for the REST services, until `lisa local` takes its place: the page's files, a cookie for a one-time link,
// the routes of sessions, models, repositories, prompts, tokens and configuration in memory, and the gateway behind.
//
// It keeps what it is given and answers in the shapes that the services document; it decides nothing.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, request as forward, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { createHash, randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { PASSAGE, pdf } from "./pdf.ts";

type Json = Record<string, unknown>;

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".json": "application/json",
};

interface Node {
  id: string;
  parentId: string | null;
  created: string;
  message: Json;
}

interface Session {
  sessionId: string;
  name: string;
  pinned: boolean;
  lastUpdated: string;
  configuration: unknown;
  nodes: Node[];
  last: string | null;
}

interface Call {
  path: string[];
  query: URLSearchParams;
  body: () => Promise<Json>;
  raw: () => Promise<Buffer>;
}

class Refused extends Error {
  constructor(readonly status: number, readonly kind: string, message: string) {
    super(message);
  }
}

export class Standin {
  private server: Server | null = null;
  private readonly cookie = randomUUID();
  /** The settings of a provider, where people sign in at one; its tokens are noted and not judged. */
  openId: Json | null = null;
  readonly bearers: string[] = [];
  private readonly sessions = new Map<string, Session>();
  private readonly models = new Map<string, Json>();
  private readonly prompts = new Map<string, Json>();
  private readonly tokens = new Map<string, Json & { secret: string }>();
  private readonly documents = new Map<string, Json>();
  private readonly jobs = new Map<string, Json>();
  private configuration: Json[] = [{ versionId: 0, changedBy: "system", configuration: { enabledComponents: { viewMetaData: true, uploadRagDocs: true } } }];

  constructor(private readonly page: string, private readonly gateway: string, private readonly key: string) {}

  async listen(): Promise<string> {
    this.server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve) => this.server?.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/login?token=${this.cookie}`;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://local");
    try {
      if (url.pathname === "/login") return this.login(url, response);
      if (url.pathname.startsWith("/v2/serve/")) return this.pass(request, response, url);
      const found = await this.route(request, url);
      if (found !== undefined) {
        response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(found));
        return;
      }
      this.file(url.pathname, response);
    } catch (error) {
      const { status, kind, message } = error instanceof Refused ? error : { status: 500, kind: "Error", message: String(error) };
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error: kind, message, detail: message }));
    }
  }

  private login(url: URL, response: ServerResponse): void {
    const isRight = url.searchParams.get("token") === this.cookie;
    response.writeHead(302, { location: "/", ...(isRight ? { "set-cookie": `lisa=${this.cookie}; HttpOnly; SameSite=Strict; Path=/` } : {}) }).end();
  }

  private isKnown(request: IncomingMessage): boolean {
    if ((request.headers.cookie ?? "").includes(`lisa=${this.cookie}`)) return true;
    const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    if (this.openId && token.startsWith("eyJ")) {
      this.bearers.push(token);
      return true;
    }
    return [...this.tokens.values()].some((one) => one.secret === token);
  }

  /** The gateway has a key of its own; callers are known by cookie or token. */
  private pass(request: IncomingMessage, response: ServerResponse, url: URL): void {
    if (!this.isKnown(request)) {
      response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify({ error: { message: "not signed in", type: "invalid_request_error" } }));
      return;
    }
    const headers = { ...request.headers, authorization: `Bearer ${this.key}` };
    // The gateway has callers of its own; a browser's cookie and origin are nothing to it.
    delete headers.cookie;
    delete headers.origin;
    const onward = forward(this.gateway + url.pathname, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }

  private file(path: string, response: ServerResponse): void {
    if (path === "/env.js") {
      const env = { ...(this.openId ?? { AUTH_MODE: "cookie", USER_NAME: "Ada", IS_ADMIN: true }), RESTAPI_URI: "/", API_BASE_URL: "/", RAG_ENABLED: true };
      response.writeHead(200, { "content-type": TYPES[".js"] }).end(`window.env = ${JSON.stringify(env)};\n`);
      return;
    }
    if (path === "/stored/document.pdf") {
      response.writeHead(200, { "content-type": "application/pdf" }).end(pdf());
      return;
    }
    const file = join(this.page, normalize(path === "/" ? "/index.html" : path));
    if (!existsSync(file) || !statSync(file).isFile()) throw new Refused(404, "NotFound", "there is no such file");
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "cache-control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    });
    createReadStream(file).pipe(response);
  }

  /** What a REST route answers; nothing where the path is no route. */
  private async route(request: IncomingMessage, url: URL): Promise<unknown> {
    const path = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
    const raw = async (): Promise<Buffer> => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      return Buffer.concat(parts);
    };
    const call: Call = { path, query: url.searchParams, raw, body: async () => JSON.parse((await raw()).toString() || "{}") as Json };
    const table: Record<string, ((method: string, call: Call) => unknown) | undefined> = {
      session: (method, one) => this.session(method, one),
      models: (method, one) => this.model(method, one),
      repository: (method, one) => this.repository(method, one),
      "prompt-templates": (method, one) => this.prompt(method, one),
      "api-tokens": (method, one) => this.token(method, one),
      configuration: (method, one) => this.configure(method, one),
      upload: (_method, one) => this.upload(one),
    };
    const handler = table[path[0] ?? ""];
    if (!handler) return undefined;
    if (!this.isKnown(request)) throw new Refused(401, "Unauthorized", "not signed in");
    return (await handler(request.method ?? "GET", call)) ?? null;
  }

  private async session(method: string, { path: [, id, part], query, body }: Call): Promise<unknown> {
    if (id === undefined && method === "GET") return [...this.sessions.values()].map(headOf);
    if (id === undefined) return this.sessions.clear();
    if (id === "search") return { hits: [...this.sessions.values()].flatMap((one) => hitsOf(one, query.get("query") ?? "")) };
    if (id === "import") throw new Refused(501, "NotImplemented", "the stand-in imports nothing");
    const known = this.sessions.get(id) ?? { sessionId: id, name: "", pinned: false, lastUpdated: "", configuration: {}, nodes: [], last: null };
    if (method === "PUT") {
      const { messages, ...rest } = await body();
      if (messages) put(known, messages as Json[]);
      this.sessions.set(id, { ...known, ...rest, ...(part ? {} : { lastUpdated: new Date().toISOString() }) });
      return {};
    }
    if (!this.sessions.has(id)) throw new Refused(404, "SessionNotFound", `there is no session ${id}`);
    if (method === "DELETE") return { deleted: this.sessions.delete(id) };
    if (part === "messages") return { messages: known.nodes, lastId: known.last, nextToken: null };
    const shown = shownOf(known);
    return { ...headOf(known), configuration: known.configuration, history: shown.map((node) => node.message), messageIds: shown.map((node) => node.id) };
  }

  private async model(method: string, { path: [, id, instances], body }: Call): Promise<unknown> {
    if (id === "metadata" && instances) return ["g5.xlarge", "g6.xlarge", "p5.48xlarge"];
    if (id === undefined && method === "GET") return { models: [...this.models.values()] };
    if (id === undefined) {
      const asked = await body();
      if (this.models.has(String(asked.modelId))) throw new Refused(400, "ModelAlreadyExistsError", `Model '${String(asked.modelId)}' already exists. Please select another name.`);
      const model = { ...asked, status: asked.containerConfig ? "Creating" : "InService" };
      this.models.set(String(asked.modelId), model);
      return { model };
    }
    const known = this.models.get(id);
    if (!known) throw new Refused(404, "ModelNotFoundError", `there is no model ${id}`);
    if (method === "DELETE") this.models.delete(id);
    if (method === "PUT") {
      const { enabled, ...changes } = await body();
      this.models.set(id, { ...known, ...changes, ...(enabled === undefined ? {} : { status: enabled ? "Starting" : "Stopping" }) });
    }
    return { model: known };
  }

  private async prompt(method: string, { path: [, id], body }: Call): Promise<unknown> {
    if (method === "GET") return [...this.prompts.values()];
    if (method === "DELETE") return this.prompts.delete(id ?? "");
    const given: Json = { ...(await body()), id: id ?? randomUUID() };
    this.prompts.set(String(given.id), given);
    return given;
  }

  private async token(method: string, { path: [, id], body }: Call): Promise<unknown> {
    if (method === "GET") return { tokens: [...this.tokens.values()].map((one) => ({ ...one, secret: undefined })) };
    if (method === "DELETE") return this.tokens.delete(id ?? "");
    const uuid = randomUUID();
    const secret = `sk-lisa-${randomUUID().replaceAll("-", "")}`;
    this.tokens.set(uuid, { ...(await body()), tokenUUID: uuid, username: id ?? "Ada", secret });
    return { token: secret, tokenUUID: uuid };
  }

  private async configure(method: string, { body }: Call): Promise<unknown> {
    if (method === "PUT") this.configuration = [{ ...(await body()), changedBy: "Ada", created_at: Math.floor(Date.now() / 1000) }, ...this.configuration];
    return this.configuration;
  }

  private async upload({ raw }: Call): Promise<unknown> {
    const form = (await raw()).toString("latin1");
    const key = /name="key"\r\n\r\n([^\r]+)/.exec(form)?.[1] ?? "";
    if (key === "" || !form.includes("%PDF-")) throw new Refused(400, "Upload", "no file came");
    return {};
  }

  private async repository(method: string, call: Call): Promise<unknown> {
    const { path: [, id, part], body, raw } = call;
    if (id === undefined) return [{ repositoryId: "handbook", repositoryName: "Handbook", type: "embedded", embeddingModelId: "fixture-embed" }];
    if (id === "presigned-url") {
      const key = JSON.parse((await raw()).toString()) as string;
      return { response: { url: "/upload", fields: { key } } };
    }
    if (part === "bulk") return this.ingest(await body());
    if (part === "jobs") return { jobs: [...this.jobs.values()] };
    if (part === "collection") return { collections: [] };
    if (part === "document" && method === "DELETE") {
      for (const one of (await body()).documentIds as string[]) this.documents.delete(one);
      return { jobs: [] };
    }
    if (part === "document") return { documents: [...this.documents.values()] };
    if (part === "similaritySearch") return { docs: this.passages() };
    if (call.path[3] === "download") return "/stored/document.pdf";
    throw new Refused(404, "NotFound", "there is no such route");
  }

  private ingest({ keys }: Json): unknown {
    for (const key of keys as string[]) {
      const id = randomUUID();
      this.documents.set(id, { document_id: id, document_name: key, collection_id: "default", chunks: 1, username: "Ada" });
      this.jobs.set(id, { id, status: "INGESTION_COMPLETED", document_name: key, progress: 1 });
    }
    return { jobs: [...this.jobs.values()] };
  }

  private passages(): unknown[] {
    return [...this.documents.values()].map((document) => ({
      Document: { page_content: PASSAGE, metadata: { name: document.document_name, document_id: document.document_id, page: 2 } },
      score: 0.9,
    }));
  }
}

/** Puts a branch; an id follows from the words and the message before them, as the service's do. */
function put(session: Session, messages: Json[]): void {
  let parentId: string | null = null;
  for (const message of messages) {
    const id: string = createHash("sha256").update(JSON.stringify([parentId, message])).digest("hex");
    if (!session.nodes.some((node) => node.id === id)) session.nodes.push({ id, parentId, created: new Date().toISOString(), message });
    parentId = id;
  }
  session.last = parentId;
}

function shownOf(session: Session): Node[] {
  const shown: Node[] = [];
  for (let node = session.nodes.find((one) => one.id === session.last); node; node = session.nodes.find((one) => one.id === shown[0]?.parentId)) shown.unshift(node);
  return shown;
}

function hitsOf(session: Session, query: string): Json[] {
  const found = session.nodes.filter((node) => JSON.stringify(node.message).toLowerCase().includes(query.toLowerCase()));
  return found.map((node) => ({ sessionId: session.sessionId, messageId: node.id, created: node.created, excerpt: query }));
}

function headOf(session: Session): Json {
  const first = session.nodes.find((node) => node.message.type === "human")?.message.content;
  const { sessionId, name, lastUpdated, pinned } = session;
  return { sessionId, name, firstHumanMessage: typeof first === "string" ? first : "", lastUpdated, pinned };
}

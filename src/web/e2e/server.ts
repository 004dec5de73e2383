// Where the page is tested: `lisa local` where there is one, else a stand-in that serves the built page and the REST
// routes in memory, in front of the real gateway. The specs know only what `Server` says.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Standin } from "./standin.ts";

export interface Server {
  /** Signs in and leads to the page. */
  link: string;
  /** Base of the OpenAI-compatible API. */
  serve: string;
  /** Ends and starts it again on the same data; the link is a new one. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A model server that the gateway asks; it tells when a caller has gone. */
export interface Wanted {
  models: Record<string, string>;
}

/** Starts what the environment names: `LISA_LOCAL` a `lisa-local`, else `LISA_SERVE` and `LISA_WEB`. */
export function startServer(wanted: Wanted): Promise<Server> {
  const local = process.env.LISA_LOCAL;
  return local ? startLocal(local, wanted) : startStandin(wanted);
}

function modelFlags(wanted: Wanted): string[] {
  return Object.entries(wanted.models).flatMap(([name, url]) => ["--model", `${name}=${url}`]);
}

async function startLocal(program: string, wanted: Wanted): Promise<Server> {
  const data = mkdtempSync(join(tmpdir(), "lisa-e2e-"));
  const flags = ["--listen", "127.0.0.1:0", "--data", data, ...modelFlags(wanted)];
  let running = await started(program, flags, /https?:\/\/127\.0\.0\.1:\d+\/\S*/);
  const server: Server = {
    link: running.found,
    serve: `${new URL(running.found).origin}/v2/serve`,
    async restart() {
      // As a crash would: nothing is written on the way out.
      running.child.kill("SIGKILL");
      running = await started(program, flags, /https?:\/\/127\.0\.0\.1:\d+\/\S*/);
      server.link = running.found;
      server.serve = `${new URL(running.found).origin}/v2/serve`;
    },
    stop() {
      running.child.kill();
      rmSync(data, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
  return server;
}

async function startStandin(wanted: Wanted): Promise<Server> {
  const [gateway, page] = [process.env.LISA_SERVE, process.env.LISA_WEB];
  if (!gateway || !page) throw new Error("LISA_SERVE and LISA_WEB name the gateway and the built page; `cargo xtask test` sets them");
  const { child, found, output } = await started(gateway, ["--local", "--listen", "127.0.0.1:0", ...modelFlags(wanted)], /http:\/\/127\.0\.0\.1:\d+\/v2\/serve/);
  const key = /sk-lisa-\S+/.exec(output())?.[0] ?? "";
  const standin = new Standin(page, new URL(found).origin, key);
  const server: Server = {
    link: await standin.listen(),
    serve: "",
    async restart() {
      await standin.close();
      server.link = await standin.listen();
      server.serve = `${new URL(server.link).origin}/v2/serve`;
    },
    async stop() {
      child.kill();
      await standin.close();
    },
  };
  server.serve = `${new URL(server.link).origin}/v2/serve`;
  return server;
}

interface Started {
  child: ChildProcess;
  found: string;
  output: () => string;
}

/** Starts a program and waits until it has printed what matches. */
function started(program: string, flags: string[], wanted: RegExp): Promise<Started> {
  const child = spawn(program, flags, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  return new Promise((resolve, reject) => {
    const hear = (data: Buffer): void => {
      said += data.toString();
      const found = wanted.exec(said)?.[0];
      // The rest of what it says first comes in the same moment.
      if (found) setTimeout(() => resolve({ child, found, output: () => said }), 100);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${program} ended with ${code}:\n${said}`)));
  });
}

// `lisa local`, the thing under test: the program that `LISA_LOCAL` names, on a folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";

/** The last line of what it says once it serves. */
const GREETED = /^ {2}Data +\S/m;

interface Options {
  /** Servers of models by the name of the model. */
  models?: Record<string, string>;
  /** Further arguments. */
  flags?: string[];
  port?: number;
}

export class Local {
  private child: ChildProcess | null = null;
  private readonly data = mkdtempSync(join(tmpdir(), "lisa-e2e-"));
  private said = "";

  private constructor(readonly port: number, private readonly flags: string[]) {}

  static async start({ models = {}, flags = [], port }: Options = {}): Promise<Local> {
    const named = Object.entries(models).flatMap(([name, url]) => ["--model", `${name}=${url}`]);
    return new Local(port ?? (await freePort()), [...named, ...flags]).run();
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** The page's address. */
  get page(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Signs in, once, and leads to the page. */
  get link(): string {
    return /http:\/\/\S+\/sign-in\/\S+/.exec(this.said)?.[0] ?? "";
  }

  /** Base of the OpenAI-compatible API. */
  get serve(): string {
    return `${this.page}v2/serve`;
  }

  /** Ends it as a crash would, nothing is written on the way out, and starts it again on the same folder. */
  async crash(flags: string[] = []): Promise<void> {
    await this.kill();
    await this.run(flags);
  }

  kill(): Promise<void> {
    return this.end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.end("SIGTERM");
    rmSync(this.data, { recursive: true, force: true });
  }

  /** Starts it on its folder, until it says that it serves. The last of two flags of one name counts. */
  run(flags: string[] = []): Promise<Local> {
    const program = process.env.LISA_LOCAL;
    if (!program) throw new Error("LISA_LOCAL names the program under test; `cargo xtask test` sets it");
    const child = spawn(program, ["--listen", `127.0.0.1:${this.port}`, "--data", this.data, ...this.flags, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    this.said = "";
    return new Promise((resolve, reject) => {
      const hear = (data: Buffer): void => {
        this.said += data.toString();
        if (GREETED.test(this.said)) resolve(this);
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`${program} ended with ${code}:\n${this.said}`)));
    });
  }

  private end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.on("exit", () => resolve());
      child.kill(signal);
    });
  }
}

/** A port that nobody listens on. Its owner is named to others before it is started. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// Every test of the page runs with the network cut: loopback is all there is, and whoever looks up a name asks this
// process, which says that there is none and remembers the question.

import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, expect } from "vitest";

/** Where the namespace's `resolv.conf` points. */
const [HOST, PORT] = ["127.0.0.1", 53] as const;
/** An address of the documentation's, which nobody has. */
const ELSEWHERE = "192.0.2.1";

const asked: string[] = [];
let socket: Socket;

beforeAll(async () => {
  expect(Object.keys(networkInterfaces()), "`cargo xtask test` runs this in a network namespace of its own").toEqual(["lo"]);
  expect(await new Promise((resolve) => connect(80, ELSEWHERE).on("error", ({ code }: NodeJS.ErrnoException) => resolve(code)))).toBe("ENETUNREACH");
  socket = createSocket("udp4");
  socket.on("message", (question, { port, address }) => {
    asked.push(nameOf(question));
    const answer = Buffer.from(question);
    // A response that recursion is available for, and that no such name exists.
    answer.writeUInt16BE(0x8183, 2);
    socket.send(answer, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(PORT, HOST, resolve));
  // It does hear who asks.
  await expect(lookup("control.example")).rejects.toThrow();
  expect(asked).toContain("control.example");
  asked.length = 0;
});

afterAll(() => {
  socket.close();
  expect(asked, "names that were looked up").toEqual([]);
});

/** The name in a question: labels, each behind its length, after twelve bytes of header. */
function nameOf(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; ;) {
    const length = question[at] ?? 0;
    if (length === 0) return labels.join(".");
    labels.push(question.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
}

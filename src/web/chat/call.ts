// A conversation as the call that it makes, for a terminal or a program. The key is left to the reader's own.

import type { ChatState } from "./store.ts";
import { requestOf } from "./request.ts";
import { path } from "./tree.ts";

/** The call that asks the last question of what is shown, or a greeting where nothing has been asked. */
export function asCall(state: Pick<ChatState, "tree" | "settings">, base: string, form: "curl" | "python"): string {
  const shown = path(state.tree);
  const asked = shown.findLastIndex((message) => message.role === "user");
  const way = asked >= 0 ? shown.slice(0, asked + 1) : [{ id: "", parent: null, role: "user" as const, text: "Hello", at: "" }];
  const request = requestOf({ path: way, settings: state.settings, sources: shown[asked + 1]?.sources ?? [] });
  return form === "curl" ? curl(request, base) : python(request, base);
}

function curl(request: object, base: string): string {
  const body = JSON.stringify(request, null, 2).replaceAll("'", "'\\''");
  return `curl --fail-with-body ${base}/chat/completions \\\n  -H "Authorization: Bearer $LISA_TOKEN" \\\n  -H "Content-Type: application/json" \\\n  -d '${body}'`;
}

function python({ stream, ...request }: { stream: boolean; model: string }, base: string): string {
  const named = Object.entries({ ...request, stream }).filter(([name]) => name !== "stream_options");
  const values = named.map(([name, value]) => `    ${name}=${literal(value)},`).join("\n");
  const print = stream
    ? 'for chunk in answer:\n    print(chunk.choices[0].delta.content or "", end="") if chunk.choices else None'
    : "print(answer.choices[0].message.content)";
  return `import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url="${base}", api_key=os.environ["LISA_TOKEN"])\nanswer = client.chat.completions.create(\n${values}\n)\n${print}`;
}

/** JSON as Python spells it. Texts are the same in both. */
function literal(value: unknown): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value as object).map(([name, one]) => `${JSON.stringify(name)}: ${literal(one)}`).join(", ")}}`;
  return JSON.stringify(value);
}

// What the page knows of its deployment: the settings of `env.js` (window.env, by upstream's names) as addresses and
// snippets. Nothing here touches the document.

/** Addresses of a deployment, from its settings and the address of this page. */
export function deployment(env, origin) {
  const base = withSlash(env.API_BASE_URL ?? "/");
  const serve = env.RESTAPI_URI ? `${withSlash(env.RESTAPI_URI)}${env.RESTAPI_VERSION ?? "v2"}/serve` : null;
  return {
    serve,
    serveHealth: env.RESTAPI_URI ? `${withSlash(env.RESTAPI_URI)}health` : null,
    rest: new URL(base, origin).href.replace(/\/$/, ""),
    restProbe: new URL(`${base}openapi.json`, origin).href,
    authority: env.AUTHORITY ?? null,
    clientId: env.CLIENT_ID ?? null,
    rag: String(env.RAG_ENABLED) === "true",
    banner: banner(env.SYSTEM_BANNER),
  };
}

/** Rows of the table of addresses: name, text, and whether the text is an address to follow. */
export function addresses(known) {
  const rows = [
    ["Serve API (OpenAI)", known.serve ?? "not deployed", false],
    ["REST API", known.rest, false],
    ["Documents", known.rag ? "can be searched" : "not deployed", false],
    ["Sign-in", known.authority ?? "not set", false],
    ["Client id", known.clientId, false],
  ];
  return rows.filter(([, text]) => text);
}

/** Snippets that call this deployment: title and text. */
export function snippets(known) {
  const list = [];
  if (known.serve) {
    list.push([
      "Models, with curl",
      `curl --fail-with-body -H "Authorization: Bearer $LISA_TOKEN" \\\n  ${known.serve}/models`,
    ]);
    list.push([
      "A chat, with curl",
      `curl --fail-with-body -H "Authorization: Bearer $LISA_TOKEN" -H "Content-Type: application/json" \\\n` +
        `  -d '{"model": "MODEL", "messages": [{"role": "user", "content": "Hello"}]}' \\\n` +
        `  ${known.serve}/chat/completions`,
    ]);
    list.push([
      "A chat, with OpenAI’s client for Python",
      [
        "import os",
        "from openai import OpenAI",
        "",
        `client = OpenAI(base_url="${known.serve}", api_key=os.environ["LISA_TOKEN"])`,
        "answer = client.chat.completions.create(",
        `    model="MODEL", messages=[{"role": "user", "content": "Hello"}]`,
        ")",
        "print(answer.choices[0].message.content)",
      ].join("\n"),
    ]);
  }
  list.push([
    "Model management, with curl",
    `curl --fail-with-body -H "Authorization: Bearer $LISA_TOKEN" \\\n  ${known.rest}/models`,
  ]);
  return list;
}

/** The banner, whichever of the two forms it was written in; null where there is none. */
function banner(setting) {
  if (!setting) return null;
  try {
    const value = typeof setting === "string" ? JSON.parse(setting) : setting;
    return value.text ? value : null;
  } catch {
    return null;
  }
}

function withSlash(text) {
  return text.endsWith("/") ? text : `${text}/`;
}

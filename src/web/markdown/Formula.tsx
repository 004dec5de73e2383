// A formula as MathML, which browsers draw themselves; its TeX until the converter is there.

import { createElement, memo, type ReactNode, use, Suspense } from "react";

interface Props {
  text: string;
  display: boolean;
}

/** What the converter makes: an element, or a text. */
interface MathNode {
  type?: string;
  attributes?: Record<string, string>;
  classes?: string[];
  children?: MathNode[];
  text?: string;
}

interface Temml {
  __parse(text: string, options: object): unknown[];
  __renderToMathMLTree(text: string, options: object): MathNode;
}

let converter: Promise<Temml> | null = null;

/** Attributes that shape a formula and fetch nothing. */
const KEPT = new Set([
  "accent", "accentunder", "columnalign", "columnlines", "columnspacing", "columnspan", "depth", "display", "displaystyle", "fence",
  "form", "height", "linethickness", "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "rowalign", "rowlines", "rowspacing",
  "rowspan", "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width", "xmlns",
]);

export const Formula = memo(function Formula(props: Props): ReactNode {
  return <Suspense fallback={<code>{props.text}</code>}><Drawn {...props} /></Suspense>;
});

function Drawn({ text, display }: Props): ReactNode {
  converter ??= import("temml").then((module) => module.default as unknown as Temml);
  const temml = use(converter);
  const options = { displayMode: display, throwOnError: true, trust: false, maxSize: [25, 250], maxExpand: 200, strict: false };
  let tree: MathNode;
  try {
    tree = temml.__renderToMathMLTree(text, options);
  } catch {
    return <code>{text}</code>;
  }
  const drawn = element(tree, 0);
  return display ? <span className="display-math">{drawn}</span> : drawn;
}

function element(node: MathNode, key: number): ReactNode {
  if (node.text !== undefined && node.type === undefined) return node.text;
  if (node.type === undefined) return node.children?.map(element);
  const kept = Object.entries(node.attributes ?? {}).filter(([name]) => KEPT.has(name));
  const children = node.children ?? [];
  return createElement(node.type, { key, ...Object.fromEntries(kept) }, ...children.map(element));
}

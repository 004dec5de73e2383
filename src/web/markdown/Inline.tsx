// Tokens within a line as React elements. What looks like HTML is shown as the text that it is.

import { createContext, Fragment, type ReactNode, useContext } from "react";
import { t } from "../strings/translate.ts";
import { decode } from "./entities.ts";
import type { MathToken, Token, Tokens } from "./lexer.ts";
import { followed, inlineImage } from "./links.ts";
import { Formula } from "./Formula.tsx";

/** Shows the mark of source `number`; `null` where there is no such source. */
export type Cite = (number: number) => ReactNode;

export const CiteContext = createContext<Cite | null>(null);

export function Inline({ tokens }: { tokens: readonly Token[] | undefined }): ReactNode {
  return tokens?.map((token, index) => <Piece key={index} token={token} />);
}

function Piece({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case "text":
      return token.tokens ? <Inline tokens={token.tokens} /> : <Words text={decode((token as Tokens.Text).text)} />;
    case "escape":
      return decode((token as Tokens.Escape).text);
    case "strong":
      return <strong><Inline tokens={token.tokens} /></strong>;
    case "em":
      return <em><Inline tokens={token.tokens} /></em>;
    case "del":
      return <del><Inline tokens={token.tokens} /></del>;
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Link token={token as Tokens.Link} />;
    case "image":
      return <Picture token={token as Tokens.Image} />;
    case "math":
      return <Formula text={(token as MathToken).text} display={(token as MathToken).display} />;
    case "checkbox":
      return null;
    default:
      return /^<br\s*\/?>$/i.test(token.raw.trim()) ? <br /> : token.raw;
  }
}

/** Words, in which `[2]` is the mark of a source where there are sources. */
function Words({ text }: { text: string }): ReactNode {
  const cite = useContext(CiteContext);
  if (!cite || !text.includes("[")) return text;
  return text.split(/(\[\d{1,3}\])/).map((part, index) => {
    const number = /^\[(\d+)\]$/.exec(part)?.[1];
    return <Fragment key={index}>{number === undefined ? part : (cite(Number(number)) ?? part)}</Fragment>;
  });
}

function Link({ token }: { token: Tokens.Link }): ReactNode {
  const label = <Inline tokens={token.tokens} />;
  const target = followed(token.href);
  if (!target) return label;
  // The words of a link may name another address than the one it leads to.
  const says = token.text.toLowerCase().includes(target.host.toLowerCase());
  return (
    <a href={target.href} target="_blank" rel="noopener noreferrer" referrerPolicy="no-referrer">
      {label}
      {!says && <span className="link-host"> ({target.host})</span>}
    </a>
  );
}

function Picture({ token }: { token: Tokens.Image }): ReactNode {
  const source = inlineImage(token.href);
  if (source) return <img src={source} alt={token.text} />;
  const target = followed(token.href);
  const label = t("markdown.image", { name: decode(token.text) || t("markdown.unnamed") });
  if (!target) return label;
  return (
    <a href={target.href} target="_blank" rel="noopener noreferrer" referrerPolicy="no-referrer">
      {label}
      <span className="link-host"> ({target.host})</span>
    </a>
  );
}

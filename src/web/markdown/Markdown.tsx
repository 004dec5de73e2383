// A Markdown text as React elements: closed blocks are drawn once, the open end each time it grows.

import { memo, type ReactNode } from "react";
import { t } from "../strings/translate.ts";
import { CodeBlock } from "./CodeBlock.tsx";
import { Formula } from "./Formula.tsx";
import { Inline } from "./Inline.tsx";
import type { MathToken, Token, Tokens } from "./lexer.ts";
import type { Block, Blocks } from "./stream.ts";

export function Markdown({ blocks }: { blocks: Blocks }): ReactNode {
  return (
    <div className="markdown">
      <Closed blocks={blocks.closed} />
      {blocks.open.map((block) => <BlockView key={block.key} token={block.token} level={block.level} />)}
    </div>
  );
}

/** The list is a new object only when a block has been closed. */
const Closed = memo(function Closed({ blocks }: { blocks: readonly Block[] }): ReactNode {
  return blocks.map((block) => <BlockView key={block.key} token={block.token} level={block.level} />);
});

/** A closed block's token stays the same object, so that it is not looked at again. */
const BlockView = memo(function BlockView({ token, level }: { token: Token; level?: number }): ReactNode {
  switch (token.type) {
    case "heading":
      return <Heading token={token as Tokens.Heading} level={level} />;
    case "paragraph":
      return <p><Inline tokens={token.tokens} /></p>;
    case "text":
      return <Inline tokens={token.tokens ?? [token]} />;
    case "code":
      return <CodeBlock text={(token as Tokens.Code).text} language={(token as Tokens.Code).lang ?? ""} closed={isClosed(token)} />;
    case "blockquote":
      return <blockquote><Nested tokens={token.tokens} /></blockquote>;
    case "list":
      return <List token={token as Tokens.List} />;
    case "table":
      return <Table token={token as Tokens.Table} />;
    case "hr":
      return <hr />;
    case "math":
      return <p><Formula text={(token as MathToken).text} display /></p>;
    case "space":
    case "def":
      return null;
    default:
      // HTML and what the lexer may learn one day: the text that it is.
      return <p className="literal">{token.raw.trimEnd()}</p>;
  }
});

/** A fence without an end is still being written. */
function isClosed(token: Token): boolean {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(token.raw)?.[1];
  return !fence || new RegExp(`\\n {0,3}${fence[0]}{${fence.length},}\\s*$`).test(token.raw);
}

function Nested({ tokens }: { tokens: readonly Token[] | undefined }): ReactNode {
  return tokens?.map((token, index) => <BlockView key={index} token={token} />);
}

/** How it looks follows from what was written, its level from where it stands. In a list or a quotation it has none. */
function Heading({ token, level }: { token: Tokens.Heading; level: number | undefined }): ReactNode {
  const Level = level === undefined ? "p" : (`h${level}` as "h3" | "h4" | "h5" | "h6");
  return <Level data-depth={token.depth}><Inline tokens={token.tokens} /></Level>;
}

function List({ token }: { token: Tokens.List }): ReactNode {
  const items = token.items.map((item, index) => <Item key={index} item={item} raw={item.raw} loose={token.loose} />);
  return token.ordered ? <ol start={token.start === "" ? 1 : token.start}>{items}</ol> : <ul>{items}</ul>;
}

/** In a long list only the last item changes. */
const Item = memo(
  function Item({ item }: { item: Tokens.ListItem; raw: string; loose: boolean }): ReactNode {
    if (!item.task) return <li><Nested tokens={item.tokens} /></li>;
    const label = t(item.checked ? "markdown.done" : "markdown.open");
    return (
      <li className="task" data-done={item.checked}>
        <span role="img" aria-label={label} className="task-mark" />
        <Nested tokens={item.tokens.filter((token) => token.type !== "checkbox")} />
      </li>
    );
  },
  (before, after) => before.raw === after.raw && before.loose === after.loose,
);

function Table({ token }: { token: Tokens.Table }): ReactNode {
  return (
    // A wide table scrolls by itself, by keyboard as well.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table" role="region" aria-label={t("markdown.table")} tabIndex={0}>
      <table>
        <thead>
          <tr>{token.header.map((cell, index) => <HeadCell key={index} cell={cell} />)}</tr>
        </thead>
        <tbody>
          {token.rows.map((row, index) => <Row key={index} row={row} raw={row.map((cell) => cell.text).join("|")} />)}
        </tbody>
      </table>
    </div>
  );
}

/** An empty corner heads nothing. */
function HeadCell({ cell }: { cell: Tokens.TableCell }): ReactNode {
  if (cell.text.trim() === "") return <td />;
  return <th scope="col" data-align={cell.align}><Inline tokens={cell.tokens} /></th>;
}

const Row = memo(
  function Row({ row }: { row: Tokens.TableCell[]; raw: string }): ReactNode {
    return <tr>{row.map((cell, index) => <td key={index} data-align={cell.align}><Inline tokens={cell.tokens} /></td>)}</tr>;
  },
  (before, after) => before.raw === after.raw,
);

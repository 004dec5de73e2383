// A list that is searched by typing: the field keeps the focus, arrow keys choose, Enter takes.

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { t } from "../strings/translate.ts";
import { Icon, type IconName } from "./Icon.tsx";

export interface Option {
  id: string;
  label: string;
  /** A second line. */
  detail?: string | undefined;
  /** Small words at the end: a key, a capability. */
  badges?: readonly string[];
  icon?: IconName;
  /** Options of a group follow each other. */
  group?: string;
  /** Searched beside the label. */
  words?: string;
}

interface Props {
  label: string;
  options: readonly Option[];
  chosen?: string | undefined;
  onChoose: (id: string) => void;
  /** What stands where nothing matches. */
  empty?: string;
}

export function Picker({ label, options, chosen, onChoose, empty }: Props): ReactNode {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(() => Math.max(0, options.findIndex((option) => option.id === chosen)));
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const found = matching(options, query);
  const current = Math.min(at, found.length - 1);
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [current]);
  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      const next = current + step;
      setAt(Math.abs(step) === 1 ? (next + found.length) % found.length : Math.max(0, Math.min(found.length - 1, next)));
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      const option = found[current];
      if (option) onChoose(option.id);
    }
  }
  return (
    <div className="picker">
      <div className="picker-field">
        <Icon name="search" />
        <input ref={field} type="text" role="combobox" aria-label={label} aria-expanded="true" aria-controls={id} aria-autocomplete="list" autoComplete="off" spellCheck={false}
          aria-activedescendant={found[current] ? `${id}-${current}` : undefined} placeholder={label} value={query} onKeyDown={onKeyDown}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }} />
      </div>
      <div id={id} ref={list} role="listbox" aria-label={label} className="picker-list" tabIndex={-1}>
        {found.map((option, index) => (
          <Row key={option.id} id={`${id}-${index}`} option={option} isCurrent={index === current} isChosen={option.id === chosen}
            heading={option.group !== found[index - 1]?.group ? option.group : undefined} onChoose={() => onChoose(option.id)} onHover={() => setAt(index)} />
        ))}
      </div>
      {found.length === 0 && <p className="picker-empty" role="status">{empty ?? t("common.nothing")}</p>}
    </div>
  );
}

interface RowProps {
  id: string;
  option: Option;
  isCurrent: boolean;
  isChosen: boolean;
  heading: string | undefined;
  onChoose: () => void;
  onHover: () => void;
}

function Row({ id, option, isCurrent, isChosen, heading, onChoose, onHover }: RowProps): ReactNode {
  return (
    <>
      {heading && <div className="picker-group" role="presentation">{heading}</div>}
      {/* The field has the keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus */}
      <div id={id} role="option" aria-selected={isCurrent} className="picker-option" onClick={onChoose} onPointerMove={onHover}>
        {option.icon && <Icon name={option.icon} />}
        <span className="picker-words">
          <span>{option.label}</span>
          {option.detail && <small>{option.detail}</small>}
        </span>
        {option.badges?.map((badge) => <kbd key={badge}>{badge}</kbd>)}
        {isChosen && <Icon name="check" />}
      </div>
    </>
  );
}

/** Options whose words begin with the words of the query, in the order of the list. */
export function matching(options: readonly Option[], query: string): readonly Option[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return options;
  return options.filter((option) => {
    const text = `${option.label} ${option.detail ?? ""} ${option.words ?? ""} ${option.group ?? ""}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

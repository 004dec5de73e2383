// A menu behind a button: arrow keys move, Escape closes, a letter jumps.

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Icon, type IconName } from "./Icon.tsx";

export interface MenuItem {
  label: string;
  icon?: IconName;
  danger?: boolean;
  disabled?: boolean;
  /** A choice that is on. */
  checked?: boolean;
  act: () => void;
}

interface Props {
  label: string;
  icon?: IconName;
  /** Shown instead of an icon. */
  face?: ReactNode;
  items: MenuItem[];
  align?: "start" | "end";
  rise?: boolean;
}

export function Menu({ label, icon = "more", face, items, align = "end", rise = false }: Props): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!isOpen) return undefined;
    root.current?.querySelector<HTMLElement>("[role^=menuitem]:not(:disabled)")?.focus();
    const leave = (event: PointerEvent): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [isOpen]);
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") {
        event.stopPropagation();
        event.preventDefault();
      }
      setOpen(false);
      button.current?.focus();
      return;
    }
    move(event, root.current);
  }
  return (
    <div className="menu" ref={root}>
      <button ref={button} type="button" className={face ? "menu-face" : "icon-button"} aria-haspopup="menu" aria-expanded={isOpen} aria-controls={isOpen ? id : undefined}
        aria-label={face ? undefined : label} title={face ? undefined : label} onClick={() => setOpen(!isOpen)}>
        {face ? <><span className="unseen">{label}: </span>{face}</> : <Icon name={icon} />}
      </button>
      {isOpen && (
        <div id={id} role="menu" tabIndex={-1} aria-label={label} className="menu-list" data-align={align} data-rise={rise} onKeyDown={onKeyDown}>
          {items.map((item) => (
            <button key={item.label} type="button" role={item.checked === undefined ? "menuitem" : "menuitemradio"} aria-checked={item.checked} tabIndex={-1}
              className="menu-item" data-danger={item.danger} disabled={item.disabled}
              onClick={() => {
                setOpen(false);
                button.current?.focus();
                item.act();
              }}>
              {item.icon && <Icon name={item.icon} />}
              <span>{item.label}</span>
              {item.checked && <Icon name="check" />}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Moves the focus among the items of a menu. */
function move(event: KeyboardEvent, root: HTMLElement | null): void {
  const items = [...(root?.querySelectorAll<HTMLElement>("[role^=menuitem]:not(:disabled)") ?? [])];
  const index = items.indexOf(document.activeElement as HTMLElement);
  const letter = event.key.length === 1 ? event.key.toLowerCase() : null;
  const target = {
    ArrowDown: items[(index + 1) % items.length],
    ArrowUp: items[(index - 1 + items.length) % items.length],
    Home: items[0],
    End: items.at(-1),
  }[event.key] ?? (letter === null ? undefined : items.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter)));
  if (!target) return;
  event.preventDefault();
  target.focus();
}

// The page's signs: one stroke, one size, drawn in the colour of the text beside them.

import type { ReactNode } from "react";

const PATHS = {
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M8 8h8v8H8z",
  search: "M11 18a7 7 0 100-14 7 7 0 000 14zM20 20l-4-4",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  again: "M4 12a8 8 0 0114-5.3L20 9M20 4v5h-5M20 12a8 8 0 01-14 5.3L4 15M4 20v-5h5",
  left: "M14 6l-6 6 6 6",
  right: "M10 6l6 6-6 6",
  down: "M6 10l6 6 6-6",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v5",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  sliders: "M4 8h9M17 8h3M15 6v4M4 16h3M11 16h9M9 14v4",
  panel: "M4 5h16v14H4zM9.5 5v14",
  clip: "M19 11l-7.5 7.5a4.5 4.5 0 01-6.4-6.4L13 4.3a3 3 0 014.3 4.3L9.6 16.2a1.5 1.5 0 01-2.1-2.1L14 7.6",
  book: "M5 5a2 2 0 012-2h12v16H7a2 2 0 00-2 2zM5 21V5M19 19v2H7",
  files: "M7 3h7l5 5v13H7zM14 3v5h5",
  cube: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
  key: "M14 14a5 5 0 10-4-4l-6 6v4h4v-3h3v-3z",
  gear: "M12 15a3 3 0 100-6 3 3 0 000 6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1",
  sun: "M12 16a4 4 0 100-8 4 4 0 000 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M18.4 5.6L17 7M7 17l-1.4 1.4",
  moon: "M19 14.5A8 8 0 119.5 5a6.5 6.5 0 009.5 9.5z",
  user: "M12 12a4 4 0 100-8 4 4 0 000 8zM4 21a8 8 0 0116 0",
  command: "M9 9h6v6H9zM9 9H7a2 2 0 112-2zM15 9h2a2 2 0 10-2-2zM15 15h2a2 2 0 11-2 2zM9 15H7a2 2 0 102 2z",
  upload: "M12 16V5M7 10l5-5 5 5M5 19h14",
  download: "M12 5v11M7 11l5 5 5-5M5 20h14",
  play: "M8 5.5v13l10-6.5z",
  code: "M9 7l-5 5 5 5M15 7l5 5-5 5",
  chat: "M4 5h16v11H9l-5 4z",
  warn: "M12 4l9 16H3zM12 10v4M12 17h.01",
  grid: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  rows: "M4 6h16M4 12h16M4 18h16",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, className = "icon" }: { name: IconName; className?: string }): ReactNode {
  return (
    <svg className={className} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

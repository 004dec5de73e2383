// The screens beside the chat: where they are, who sees them.

import type { IconName } from "../parts/Icon.tsx";
import type { Key } from "../strings/translate.ts";

export interface Screen {
  path: string;
  label: Key;
  icon: IconName;
  admin?: boolean;
  /** Only where documents can be searched. */
  rag?: boolean;
}

export const SCREENS: readonly Screen[] = [
  { path: "/prompts", label: "prompts.title", icon: "book" },
  { path: "/documents", label: "documents.title", icon: "files", rag: true },
  { path: "/models", label: "models.title", icon: "cube", admin: true },
  { path: "/tokens", label: "tokens.title", icon: "key" },
  { path: "/configuration", label: "configuration.title", icon: "gear", admin: true },
];

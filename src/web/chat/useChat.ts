// The open conversation, for components.

import { useSyncExternalStore } from "react";
import { chat, type ChatState } from "./store.ts";

export function useChat(): ChatState {
  return useSyncExternalStore(chat.subscribe, chat.snapshot);
}

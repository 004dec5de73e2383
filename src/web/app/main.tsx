// Where the page starts: language and theme first, then what is drawn with them.

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/parts.css";
import "../styles/frame.css";
import "../styles/chat.css";
import "../styles/markdown.css";
import { ApiError } from "../api/request.ts";
import { load, preferred } from "../strings/translate.ts";
import { App } from "./App.tsx";
import { applyTheme } from "./theme.ts";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What was refused stays refused; what could not be reached may be reached.
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status > 0 && error.status < 500),
    },
  },
});

async function start(): Promise<void> {
  applyTheme();
  const language = preferred();
  document.documentElement.lang = language;
  await load(language);
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}

void start();

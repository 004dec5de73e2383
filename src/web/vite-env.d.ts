// What the build puts into the page and the browser's types lack.

/// <reference types="vite/client" />

declare const __VERSION__: string;

interface TrustedTypePolicy {
  createScriptURL(url: string): string;
}

interface Window {
  /** The settings of this deployment, by upstream's names; written by `lisa deploy` or `lisa local`. */
  env?: Record<string, unknown>;
  trustedTypes?: {
    createPolicy(name: string, rules: { createScriptURL(url: string): string }): TrustedTypePolicy;
  };
}

// The one way to start a script of this page: the browser is told to refuse any other.

const policy = globalThis.window?.trustedTypes?.createPolicy("lisa", {
  createScriptURL(url) {
    if (new URL(url, document.baseURI).origin !== location.origin) throw new TypeError(`a script of another host: ${url}`);
    return url;
  },
});

/** The address of a script that came with this page. */
export function ownScript(url: string): string {
  return policy ? policy.createScriptURL(url) : url;
}

/** The part of the Trusted Types API that is used here. TypeScript's DOM types lack it. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): void;
}

/**
 * Installs a Trusted Types policy that accepts script URLs of the page's own origin only. The Content-Security-Policy requires
 * one for starting workers. Call it before the first worker starts.
 */
export function allowSameOriginWorkers(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy('default', {
    createScriptURL(url) {
      if (new URL(url, document.baseURI).origin === location.origin) return url;
      throw new TypeError(`Blocked a script of another origin: ${url}`);
    },
  });
}

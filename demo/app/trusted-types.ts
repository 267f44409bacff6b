/** What the browser's Trusted Types offer, which TypeScript does not know yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): void;
}

/**
 * The Content-Security-Policy lets no text become markup or code; this lets workers start, of the page's own origin only. To
 * be called before any is started.
 */
export function allowOwnWorkers(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy('default', {
    createScriptURL(address) {
      if (new URL(address, document.baseURI).origin === location.origin) return address;
      throw new TypeError(`A script of another origin: ${address}`);
    },
  });
}

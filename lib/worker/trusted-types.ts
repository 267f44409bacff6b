/** Where the browser has Trusted Types: what makes addresses of scripts. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/**
 * Starts a worker on a page that wants Trusted Types: its Content-Security-Policy must allow the policy `facenet-web`. That
 * makes the addresses of the library's own two scripts, and nothing else passes through it.
 */
export function trusted(start: () => Worker): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return start();
  policy ??= trustedTypes.createPolicy('facenet-web', { createScriptURL: (url) => url });
  const trustedPolicy = policy;
  const { Worker } = globalThis;
  // The address is made where a bundler wants to see it, so that it is trusted on its way.
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(trustedPolicy.createScriptURL(String(url)), options);
    }
  };
  try {
    return start();
  } finally {
    globalThis.Worker = Worker;
  }
}

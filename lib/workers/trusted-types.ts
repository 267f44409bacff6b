/** The part of the Trusted Types API that creates script addresses. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/**
 * Constructs a worker on a page that enforces Trusted Types. The page's Content-Security-Policy must allow the policy `facenet-web`,
 * which is used for the addresses of the library's own two worker scripts only.
 */
export function trusted(make: () => Worker): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return make();
  policy ??= trustedTypes.createPolicy('facenet-web', { createScriptURL: (url) => url });
  const trustedPolicy = policy;
  const { Worker } = globalThis;
  // Bundlers must find the literal address inside `make`, so the address is converted on its way into the constructor.
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(trustedPolicy.createScriptURL(String(url)), options);
    }
  };
  try {
    return make();
  } finally {
    globalThis.Worker = Worker;
  }
}

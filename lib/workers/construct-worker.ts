/** The part of the Trusted Types API that creates script addresses. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/** The blob that imports each script of another origin. Not revoked: a worker starts threads from its own address. */
const importers = new Map<string, string>();

/**
 * Constructs a worker, also from a script of another origin, such as a CDN, and on a page that enforces Trusted Types. The page's
 * Content-Security-Policy must allow the policy `facenet-web`, which is used for the addresses of the library's own worker scripts
 * only; for scripts of another origin also `worker-src blob:`.
 *
 * @param make constructs the worker. Bundlers must find the literal address inside it, so the address is converted on its way into the
 *   constructor.
 */
export function constructWorker(make: () => Worker): Worker {
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(trusted(sameOrigin(String(url))), options);
    }
  };
  try {
    return make();
  } finally {
    globalThis.Worker = Worker;
  }
}

/** A browser starts workers from scripts of the page's origin only. Such a script may import a module of another origin. */
function sameOrigin(address: string): string {
  const url = new URL(address, location.href);
  if (!/^https?:$/.test(url.protocol) || url.origin === location.origin) return address;
  const known = importers.get(url.href);
  if (known) return known;
  const script = new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' });
  const importer = URL.createObjectURL(script);
  importers.set(url.href, importer);
  return importer;
}

function trusted(address: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return address;
  policy ??= trustedTypes.createPolicy('facenet-web', { createScriptURL: (url) => url });
  return policy.createScriptURL(address);
}

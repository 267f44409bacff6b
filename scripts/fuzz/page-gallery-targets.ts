import type * as GalleryEntry from '../../lib/gallery/index.ts';
import { drawOperations, type Operation } from './gallery-operations.ts';
import { gallerySequenceFunctions } from './gallery-sequence.ts';
import type { Tabs } from './gallery-tabs.ts';
import { type PageTarget, pageTarget } from './target.ts';

declare global {
  /** Runs a sequence of steps on a gallery and on its model: gallery-sequence.ts. */
  var runOperations: typeof import('./gallery-sequence.ts').runOperations;
  /** Two tabs of the page: see {@link frameTabs}. */
  var frameTabs: () => Tabs;
}

/**
 * Runs in the page. Two tabs, as frames of the page, because a frame is ended by its removal. Passphrases are derived in
 * one iteration.
 */
function makeFrameTabs(): Tabs {
  const frames: [HTMLIFrameElement | undefined, HTMLIFrameElement | undefined] = [undefined, undefined];
  let slept = 0;
  let isDiskFull = false;
  const address = new URL('/dist/gallery.js', location.href).href;
  return {
    messages: true,
    async galleryOf(tab) {
      let frame = frames[tab];
      if (!frame) {
        frame = document.body.appendChild(document.createElement('iframe'));
        frames[tab] = frame;
        const scope = frame.contentWindow as unknown as typeof globalThis;
        const RealDate = scope.Date;
        scope.Date = new Proxy(RealDate, {
          construct: (target, given) => Reflect.construct(target, given.length > 0 ? given : [target.now() + slept]),
          get: (target, name) => (name === 'now' ? () => target.now() + slept : Reflect.get(target, name)),
        });
        const { put } = scope.IDBObjectStore.prototype;
        scope.IDBObjectStore.prototype.put = function (...given) {
          if (isDiskFull) throw new scope.DOMException('The disk is full.', 'QuotaExceededError');
          return put.apply(this, given);
        };
        // Without WebAssembly keys are derived by PBKDF2.
        scope.WebAssembly.compile = () => Promise.reject(new Error('WebAssembly is forbidden.'));
        const { prototype } = scope.SubtleCrypto;
        const { deriveBits } = prototype;
        prototype.deriveBits = function (algorithm, ...rest) {
          const fast = 'iterations' in Object(algorithm) ? { ...(algorithm as object), iterations: 1 } : algorithm;
          return deriveBits.call(this, fast as AlgorithmIdentifier, ...rest);
        };
      }
      const evaluate = (frame.contentWindow as unknown as typeof globalThis).eval;
      const entry: typeof GalleryEntry = await evaluate(`import(${JSON.stringify(address)})`);
      return entry.Gallery;
    },
    sleep(milliseconds) {
      slept += milliseconds;
    },
    fill(isFull) {
      isDiskFull = isFull;
    },
    async kill(tab) {
      frames[tab]?.remove();
      frames[tab] = undefined;
    },
  };
}

/** For definePageFunctions. */
export const galleryPageFunctions = { frameTabs: makeFrameTabs, ...gallerySequenceFunctions };

/** Sequences of calls of a gallery in two tabs, compared with a plain model. */
export const galleryPageTargets: Record<string, PageTarget> = {
  'gallery-sequences': pageTarget<Operation[]>({
    limitMs: 120_000,
    make: drawOperations,
    prepare: async () => {},
    async run(operations) {
      const tabs = frameTabs();
      try {
        return (await runOperations(tabs, operations)) > 0 ? 'answer' : 'no-effect';
      } finally {
        for (const tab of [0, 1] as const) await tabs.kill?.(tab);
        for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name as string);
        localStorage.clear();
      }
    },
  }),
};

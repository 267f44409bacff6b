import type * as Library from '../../lib/index.ts';

declare global {
  /** The state of the targets in the page. */
  var fuzz: {
    library: typeof Library;
    facenet: Library.FaceNet;
    liveness: import('../../lib/liveness/index.ts').Liveness;
    worker: Worker;
    /** The id of the next call to the worker. */
    calls: number;
    /** The message of an error event of the worker. */
    fault: string;
  };
}

/** Runs in the page: imports the library. */
export async function importLibrary(): Promise<void> {
  const library = (await import('/dist/facenet-web.js' as string)) as typeof Library;
  Object.assign(globalThis, { fuzz: { library, calls: 0, fault: '' } });
}

/** Runs in the page: imports the library and loads a FaceNet. */
export async function loadFaceNet(): Promise<void> {
  await importLibrary();
  fuzz.facenet = await fuzz.library.FaceNet.load({ models: '/models/', preset: 'fast' });
}

/** Runs in the page. The code of a FaceNetError. @throws any other error. */
export function errorCode(error: unknown): string {
  if (error instanceof fuzz.library.FaceNetError) return error.code;
  throw error;
}

/** Runs in the page. Whether every number in a value is finite, at any depth. */
export function isAllFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (ArrayBuffer.isView(value)) return (value as Float32Array).every(Number.isFinite);
  return typeof value !== 'object' || value === null || Object.values(value).every(isAllFinite);
}

/** The functions above, for definePageFunctions. */
export const fuzzPageFunctions = { importLibrary, loadFaceNet, errorCode, isAllFinite };

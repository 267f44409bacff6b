import { version } from '../../core/version.ts';
import type { Measurement } from './fastest-backend.ts';
import { webglRenderer } from './webgl-renderer.ts';

/** The name of the Cache Storage cache of measurements. */
const cacheName = 'facenet-web-backends';

/** The measurement on this device, with this version of the library, browser and models; `undefined` if there is none. */
export async function rememberedMeasurement(models: readonly string[]): Promise<Measurement | undefined> {
  try {
    const response = await (await caches.open(cacheName)).match(await addressOf(models));
    return response && ((await response.json()) as Measurement);
  } catch {
    // A browser that denies storage measures again in each session.
    return undefined;
  }
}

/** Remembers a measurement, and forgets those of other versions. */
export async function rememberMeasurement(models: readonly string[], measurement: Measurement): Promise<void> {
  try {
    const cache = await caches.open(cacheName);
    const address = await addressOf(models);
    await cache.put(address, new Response(JSON.stringify(measurement)));
    for (const { url } of await cache.keys()) {
      if (!url.startsWith(versionAddress())) await cache.delete(url);
    }
  } catch {
    // A full or denied storage costs another measurement.
  }
}

/** An address under which Cache Storage keeps the measurement. Nothing is requested from it. */
async function addressOf(models: readonly string[]): Promise<string> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter();
  const { vendor, architecture } = adapter?.info ?? {};
  const device = [webglRenderer(), vendor, architecture, navigator.hardwareConcurrency, navigator.userAgent];
  return `${versionAddress()}${encodeURIComponent([...device, ...models].join('|'))}`;
}

function versionAddress(): string {
  return `${location.origin}/facenet-web-backends/${version}/`;
}

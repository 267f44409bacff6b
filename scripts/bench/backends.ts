import type { Browser } from 'playwright';
import type { FaceNet as FaceNetClass } from '../../lib/index.ts';
import { openPage, type Server } from '../kit/browser.ts';
import type { Backend } from './systems.ts';

/** The backends that this browser offers, and why it offers no others, by what the library itself says of them. */
export async function availableBackends(
  browser: Browser,
  server: Server,
): Promise<{ backends: Backend[]; notStarted: Record<string, string> }> {
  const page = await openPage(browser, server);
  const { name: chosen, rejected } = await page.evaluate(async (library) => {
    const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
    const facenet = await FaceNet.load({ models: '/models/' });
    const { backend } = facenet;
    await facenet.dispose();
    return backend;
  }, '/dist/facenet-web.js');
  await page.close();
  const backends: Backend[] = [];
  const notStarted: Record<string, string> = {};
  for (const name of ['wasm', 'webgl', 'webgpu'] as const) {
    const reason = name === chosen ? undefined : rejected.find((other) => other.name === name)?.reason;
    // One that is emulated is passed over by "auto", and runs when it is asked for by name.
    const emulated = reason?.includes('emulated in software') ?? false;
    if (reason && !emulated) notStarted[name] = reason;
    else backends.push({ name, emulated });
  }
  return { backends, notStarted };
}

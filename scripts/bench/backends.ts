import type { FaceNet as FaceNetClass } from '../../lib/index.ts';
import { type BrowserSession, openPage } from '../kit/browser.ts';
import type { Backend } from './subject.ts';

/** The backends that the library starts in this browser, and its reasons for rejecting the others. */
export async function availableBackends({
  browser,
  server,
}: BrowserSession): Promise<{ backends: Backend[]; notStarted: Record<string, string> }> {
  const page = await openPage(browser, server);
  const { name: chosen, rejected } = await page.evaluate(async (library) => {
    const { FaceNet } = (await import(library)) as { FaceNet: typeof FaceNetClass };
    const facenet = await FaceNet.load({ models: '/models/', backend: 'fastest' });
    while (!facenet.backend.measured) await new Promise((resolve) => setTimeout(resolve, 50));
    const { backend } = facenet;
    await facenet.dispose();
    return backend;
  }, '/dist/facenet-web.js');
  await page.close();
  const backends: Backend[] = [];
  const notStarted: Record<string, string> = {};
  for (const name of ['wasm', 'webgl', 'webgpu'] as const) {
    const reason = name === chosen ? undefined : rejected.find((other) => other.name === name)?.reason;
    // "fastest" rejects an emulated backend, but it runs if the options name it.
    const emulated = reason?.includes('emulated in software') ?? false;
    if (reason && !emulated) notStarted[name] = reason;
    else backends.push({ name, emulated });
  }
  return { backends, notStarted };
}

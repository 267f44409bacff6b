import type { Page } from 'playwright';

/** What the Chrome DevTools Protocol tells of a heap: objects, and the buffers that they hold. */
interface HeapUsage {
  usedSize: number;
  backingStorageSize?: number;
}

/**
 * The bytes of the page's heap and of its workers', with the buffers that they hold.
 *
 * @param collected whether what nobody holds any more is collected first.
 */
export async function heapBytes(page: Page, { collected }: { collected: boolean }): Promise<number> {
  const session = await page.context().newCDPSession(page);
  try {
    const workers: string[] = [];
    session.on('Target.attachedToTarget', ({ sessionId }) => workers.push(sessionId));
    // Workers are reached by messages through the page's session: Playwright has no session for them.
    await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    const ask = async (sessionId: string, id: number, method: string) => {
      const answered = new Promise<HeapUsage>((resolve) => {
        session.on('Target.receivedMessageFromTarget', (event) => {
          const answer = JSON.parse(event.message) as { id?: number; result: HeapUsage };
          if (event.sessionId === sessionId && answer.id === id) resolve(answer.result);
        });
      });
      await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
      return answered;
    };
    if (collected) {
      await session.send('HeapProfiler.collectGarbage');
      for (const sessionId of workers) await ask(sessionId, 1, 'HeapProfiler.collectGarbage');
    }
    const usages = await Promise.all([
      session.send('Runtime.getHeapUsage') as Promise<HeapUsage>,
      ...workers.map((sessionId) => ask(sessionId, 2, 'Runtime.getHeapUsage')),
    ]);
    return usages.reduce((sum, { usedSize, backingStorageSize = 0 }) => sum + usedSize + backingStorageSize, 0);
  } finally {
    await session.detach();
  }
}

/** How many tensors TensorFlow.js holds, on the page and in its workers; a worker that is gone holds none. */
export async function heldTensors(page: Page): Promise<number> {
  const held = () => {
    type Owner = { _tfengine?: { memory(): { numTensors: number } } };
    // A peer's is a global; each copy of facenet-web has its own.
    const { facenetTensorFlow = {} } = globalThis as { facenetTensorFlow?: Record<string, Owner> };
    const owners = [globalThis as Owner, ...Object.values(facenetTensorFlow)];
    return owners.reduce((sum, { _tfengine }) => sum + (_tfengine?.memory().numTensors ?? 0), 0);
  };
  const inWorkers = await Promise.all(page.workers().map((worker) => worker.evaluate(held).catch(() => 0)));
  return inWorkers.reduce((sum, count) => sum + count, await page.evaluate(held));
}

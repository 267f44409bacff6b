import type { Page } from 'playwright';

/** The result of the DevTools Protocol's `Runtime.getHeapUsage`, in bytes: objects, and the array buffers they own. */
interface HeapUsage {
  usedSize: number;
  backingStorageSize?: number;
}

/**
 * The bytes of the heaps of a page and of its workers, with their array buffers.
 *
 * @param collected whether garbage is collected first.
 */
export async function heapBytes(page: Page, { collected }: { collected: boolean }): Promise<number> {
  const session = await page.context().newCDPSession(page);
  try {
    const workers: string[] = [];
    session.on('Target.attachedToTarget', ({ sessionId }) => workers.push(sessionId));
    // Playwright has no sessions for workers: messages to them go through the page's session.
    await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    const sendToWorker = async (sessionId: string, id: number, method: string) => {
      const answer = new Promise<HeapUsage>((resolve) => {
        session.on('Target.receivedMessageFromTarget', (event) => {
          const message = JSON.parse(event.message) as { id?: number; result: HeapUsage };
          if (event.sessionId === sessionId && message.id === id) resolve(message.result);
        });
      });
      await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
      return answer;
    };
    if (collected) {
      await session.send('HeapProfiler.collectGarbage');
      for (const sessionId of workers) await sendToWorker(sessionId, 1, 'HeapProfiler.collectGarbage');
    }
    const usages = await Promise.all([
      session.send('Runtime.getHeapUsage') as Promise<HeapUsage>,
      ...workers.map((sessionId) => sendToWorker(sessionId, 2, 'Runtime.getHeapUsage')),
    ]);
    return usages.reduce((sum, { usedSize, backingStorageSize = 0 }) => sum + usedSize + backingStorageSize, 0);
  } finally {
    await session.detach();
  }
}

/** The number of tensors that TensorFlow.js holds in a page and its workers; 0 for a worker that has ended. */
export async function heldTensors(page: Page): Promise<number> {
  const count = () => {
    type Owner = { _tfengine?: { memory(): { numTensors: number } } };
    // The peers' TensorFlow.js keeps its engine in the globals; each copy of facenet-web has one of its own.
    const { facenetTensorFlow = {} } = globalThis as { facenetTensorFlow?: Record<string, Owner> };
    const owners = [globalThis as Owner, ...Object.values(facenetTensorFlow)];
    return owners.reduce((sum, { _tfengine }) => sum + (_tfengine?.memory().numTensors ?? 0), 0);
  };
  const inWorkers = await Promise.all(page.workers().map((worker) => worker.evaluate(count).catch(() => 0)));
  return inWorkers.reduce((sum, held) => sum + held, await page.evaluate(count));
}

import { expect, type Page, type Worker } from 'playwright/test';

/** Ends the worker that runs the networks, without a message, like one that the browser kills. Waits until another has replaced it. */
export async function killPipelineWorker(page: Page): Promise<void> {
  const worker = await pipelineWorker(page);
  const closed = worker.waitForEvent('close', { timeout: 60_000 });
  const restarted = page.waitForEvent('worker', { timeout: 120_000 });
  // The worker ends before it answers.
  await worker.evaluate(() => self.close()).catch(() => {});
  await Promise.all([closed, restarted]);
}

async function pipelineWorker(page: Page): Promise<Worker> {
  const names: string[] = [];
  for (const worker of page.workers()) {
    const name = await worker.evaluate(() => self.name);
    if (name === 'facenet-web') return worker;
    names.push(name);
  }
  expect(names, 'the names of the workers').toContain('facenet-web');
  throw new Error('There is no worker.');
}

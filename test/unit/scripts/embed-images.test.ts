import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BrowserSession } from '../../../scripts/kit/browser.ts';
import { folderImages, serveImages } from '../../../scripts/kit/datasets/serve.ts';
import { embedImages, embedUncached, type System } from '../../../scripts/kit/lfw/embed-images.ts';
import { withServer } from '../../../scripts/kit/server.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embed-images-'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** The URLs that the system below was asked for. */
let asked: string[] = [];
/** Its result for an image is the image's text. */
const system: System<string> = {
  name: 'text',
  identity: 1,
  start: async () => {},
  embed: async ({ addresses }) => {
    asked.push(...addresses);
    return Promise.all(addresses.map(async (address) => (await fetch(address)).text()));
  },
  options: {},
};

/** Pages that run their functions here, and have no globals of their own. */
const page = {
  addInitScript: async () => {},
  goto: async () => {},
  evaluate: async (run: unknown, given: unknown) => (typeof run === 'function' ? run(given) : undefined),
  close: async () => {},
};
const browser = { newPage: async () => page } as unknown as BrowserSession['browser'];

/** The results for the photos of a site. */
function resultsOf(site: string, paths: readonly string[], embed = cached): Promise<string[]> {
  const handlers = { '/photos': serveImages(folderImages(join(folder, site), paths)) };
  return withServer({}, { handlers }, async (server) => {
    asked = [];
    const addresses = new Map(paths.map((path) => [path, `${server.url}photos/${path}`]));
    return [...(await embed({ browser, server }, addresses)).values()];
  });
}
const cached = (session: BrowserSession, addresses: ReadonlyMap<string, string>) =>
  embedImages(session, system, addresses, join(folder, 'cache'));

function write(site: string, file: string, text: string): void {
  mkdirSync(join(folder, site, '01'), { recursive: true });
  writeFileSync(join(folder, site, '01', file), text);
}

test('cached results are of the photos of the same bytes, not of others with the same path', async () => {
  write('a', '1.jpg', 'first');
  write('a', '2.jpg', 'second');
  write('b', '1.jpg', 'of another person');
  expect(await resultsOf('a', ['01/1.jpg', '01/2.jpg'])).toEqual(['first', 'second']);
  expect(await resultsOf('b', ['01/1.jpg'])).toEqual(['of another person']);
  write('a', '2.jpg', 'replaced');
  expect(await resultsOf('a', ['01/1.jpg', '01/2.jpg'])).toEqual(['first', 'replaced']);
  expect(asked).toHaveLength(1);
  expect(await resultsOf('a', ['01/1.jpg', '01/2.jpg'])).toEqual(['first', 'replaced']);
  expect(asked).toEqual([]);
});

test('a missing photo is an error that names it', async () => {
  await expect(resultsOf('a', ['01/1.jpg'])).rejects.toThrow('01/1.jpg');
});

test('results that are not cached are not stored', async () => {
  write('a', '1.jpg', 'first');
  expect(await resultsOf('a', ['01/1.jpg'], (session, addresses) => embedUncached(session, system, addresses))).toEqual(
    ['first'],
  );
  expect(readdirSync(folder)).toEqual(['a']);
});

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Manifest } from '../../lib/models/manifest.ts';
import type { Server } from '../../scripts/kit/browser.ts';
import { expect, openLibrary, test } from '../support/library.ts';
import { tryOut } from '../support/try-out.ts';

const weights = '/models/mobilefacenet/weights.bin';

type Deployment = 'old' | 'new';

/** A host whose answers browsers may keep for a year. The old deployment has other weights of the embedder. */
interface Host extends Server {
  /** Which deployment answers a path. */
  deployment: (path: string) => Deployment;
  /** The requests so far: path and deployment. */
  requests: string[];
}

async function hostDeployments(current: Server): Promise<Host> {
  const fetched = async (path: string) => {
    const response = await fetch(new URL(path, current.url));
    return { type: response.headers.get('content-type'), bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const file = await fetched(weights);
  file.bytes.writeUInt8(file.bytes.readUInt8(1000) ^ 1, 1000);
  const manifest = await fetched('/models/manifest.json');
  const listed: Manifest = JSON.parse(manifest.bytes.toString());
  const files = listed.models.flatMap(({ files }) => files).filter(({ path }) => weights.endsWith(path));
  for (const each of files) each.sha256 = createHash('sha256').update(file.bytes).digest('hex');
  manifest.bytes = Buffer.from(JSON.stringify(listed));
  const old: Record<string, typeof file> = { [weights]: file, '/models/manifest.json': manifest };

  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url as string, current.url);
    const deployment = host.deployment(pathname);
    requests.push(`${pathname} ${deployment}`);
    const { type, bytes } = (deployment === 'old' && old[pathname]) || (await fetched(pathname));
    response.writeHead(200, { 'content-type': type ?? '', 'cache-control': 'max-age=31536000' }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host: Host = {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    deployment: () => 'new',
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return host;
}

test('loads across deployments: one between manifest and weights, and weights of an earlier one in the HTTP cache', async ({
  page,
  server,
}) => {
  const host = await hostDeployments(server);
  const ofModels = () => host.requests.splice(0).filter((each) => each.startsWith('/models/'));
  await openLibrary(page, host);
  let manifestRead = false;
  host.deployment = (path) => {
    const deployment = manifestRead ? 'new' : 'old';
    manifestRead ||= path === '/models/manifest.json';
    return deployment;
  };
  expect(await tryOut(page)).toMatchObject({ faces: 1 });
  const between = ofModels();
  expect(between).toContain('/models/manifest.json old');
  expect(between).toContain('/models/manifest.json new');
  // The first request, a second one without the HTTP cache, and one for the new manifest.
  expect(between.filter((each) => each === `${weights} new`)).toHaveLength(3);

  // A deployment whose manifest is uploaded before its weights. The browser keeps the old weights under the new address.
  await page.evaluate(() => caches.delete('facenet-web-models'));
  await page
    .context()
    .newCDPSession(page)
    .then((session) => session.send('Network.clearBrowserCache'));
  host.deployment = (path) => (path === weights ? 'old' : 'new');
  expect(await tryOut(page)).toMatchObject({ code: 'model-corrupt', message: expect.stringContaining('weights.bin') });
  ofModels();
  host.deployment = () => 'new';
  expect(await tryOut(page)).toMatchObject({ faces: 1 });
  expect(ofModels()).toEqual(['/models/manifest.json new', `${weights} new`]);
  await host.close();
});

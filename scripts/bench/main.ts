// npm run bench: measures the speed of facenet-web and its peers in headless Chromium.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { peers } from '../kit/lfw/peers.ts';
import { repositoryPath, samplePhotos, userPath } from '../kit/paths.ts';
import { writeSvg } from '../kit/plots.ts';
import { withServer } from '../kit/server.ts';
import { document, tables } from './document.ts';
import { scalePlots } from './document-scale.ts';
import { measure } from './measure.ts';
import { mediaPipeFolders } from './mediapipe/systems.ts';
import type { Report } from './report.ts';
import { runtimeFolders } from './runtimes/bundle-page.ts';
import { serveCompressed } from './serve-compressed.ts';

const usage = `usage: npm run bench -- [--json FILE] [--only NAME,…] [--rounds N] [--network PRESET=FILE.onnx]…

--json    writes all figures to a file
--only    measures only these systems (fast, balanced-page, face-api, mediapipe+ort, …), "scale" (how the cost grows),
          "threads" (the gain of a second thread), "runtimes" (the networks on other runtimes), "layers" (each layer
          of the networks on the kernels), "profile" (the steps of one call) or
          "memory" (the peaks with many faces and large photos)
--rounds  the number of measurements of each system; default 30
--network measures "runtimes" with this network in place of the shipped ones, on the kernels and ONNX Runtime Web;
          PRESET as in add-model; repeatable

Without --only it writes docs/performance.md and its plots.`;

runCommand(usage, main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      json: { type: 'string' },
      only: { type: 'string' },
      rounds: { type: 'string', default: '30' },
      network: { type: 'string', multiple: true, default: [] },
    },
  });
  const rounds = Number(values.rounds);
  const { network: networks } = values;
  if (!Number.isInteger(rounds) || rounds < 1 || (networks.length > 0 && values.only !== 'runtimes')) {
    throw new Error(usage);
  }
  buildLibrary();
  const peerFolders = Object.assign({}, ...peers().map((peer) => peer.folders)) as Record<string, string>;
  const folders = { ...peerFolders, ...mediaPipeFolders, ...runtimeFolders, '/photos': samplePhotos };
  // Pages that are not cross-origin isolated have no threads: all systems are compared on one thread.
  const options = { folders, serveFolder: serveCompressed, isolated: false, flags: ['--enable-unsafe-webgpu'] };
  await withServer({ ...runtimeFolders, '/photos': samplePhotos }, {}, (isolatedServer) =>
    withBrowser(options, async (session) => {
      const report = await measure(session, isolatedServer, { only: values.only?.split(','), rounds, networks });
      process.stdout.write(tables(report));
      if (values.json) writeFileSync(userPath(values.json), JSON.stringify(report, null, 2));
      if (!values.only) writeDocument(report);
    }),
  );
  return undefined;
}

function writeDocument(report: Report): void {
  writeFileSync(repositoryPath('docs/performance.md'), document(report));
  for (const [file, svg] of Object.entries(report.scale ? scalePlots(report.scale) : {})) writeSvg(file, svg);
}

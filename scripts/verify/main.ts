// npm run verify -- photoA photoB [--json]: are the largest faces of two photos the same person?
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Box, EmbeddedFace, FaceNet as FaceNetClass } from '../../lib/index.ts';
import { launchChromium, openPage, serveLibrary } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';

interface Report {
  a: { faces: { box: Box; score: number }[] };
  b: { faces: { box: Box; score: number }[] };
  distance: number;
  threshold: number;
  same: boolean;
  backend: string;
  models: { detector: string; landmarker: string; embedder: string };
}

const usage = 'usage: npm run verify -- PHOTO_A PHOTO_B [--json]';

runCommand(main);

/** @returns the exit code: 0 for the same person, 1 for different people. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
  const [photoA, photoB, ...more] = positionals;
  if (!photoA || !photoB || more.length > 0) throw new Error(usage);
  buildLibrary();
  const report = await compare(photoPath(photoA), photoPath(photoB));
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : describe(report, photoA, photoB));
  return report.same ? 0 : 1;
}

/** npm runs scripts in the package's folder; INIT_CWD is where the user stood. */
function photoPath(path: string): string {
  const absolute = resolve(process.env.INIT_CWD ?? '.', path);
  if (!existsSync(absolute) || !statSync(absolute).isFile()) throw new Error(`${path}: no such file.`);
  return absolute;
}

async function compare(a: string, b: string): Promise<Report> {
  const server = await serveLibrary({ '/a': dirname(a), '/b': dirname(b) });
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, server);
    return await page.evaluate(compareInPage, {
      library: `${server.url}dist/facenet-web.js`,
      models: `${server.url}models/`,
      photos: [`/a/${encodeURIComponent(basename(a))}`, `/b/${encodeURIComponent(basename(b))}`] as [string, string],
    });
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Runs in the page: the whole fall, twice, and the comparison. */
async function compareInPage(given: { library: string; models: string; photos: [string, string] }): Promise<Report> {
  const { FaceNet } = (await import(given.library)) as { FaceNet: typeof FaceNetClass };
  const facenet = await FaceNet.load({ models: given.models });
  const facesOf = async (photo: string) => {
    const response = await fetch(photo);
    if (!response.ok) throw new Error(`${decodeURIComponent(photo.slice(3))} could not be read (${response.status}).`);
    return facenet.embed(await response.blob());
  };
  const plain = (faces: EmbeddedFace[]) => ({ faces: faces.map(({ box, score }) => ({ box, score })) });
  const largest = (faces: EmbeddedFace[], photo: string) => {
    const area = ({ box }: EmbeddedFace) => box.width * box.height;
    const [face] = [...faces].sort((x, y) => area(y) - area(x));
    if (!face) throw new Error(`${decodeURIComponent(photo.slice(3))}: no face was found in it.`);
    return face;
  };
  const [photoA, photoB] = given.photos;
  const a = await facesOf(photoA);
  const b = await facesOf(photoB);
  const { same, distance, threshold } = facenet.compare(largest(a, photoA), largest(b, photoB));
  const { backend, models } = facenet;
  await facenet.dispose();
  return { a: plain(a), b: plain(b), distance, threshold, same, backend: backend.name, models };
}

function describe(report: Report, photoA: string, photoB: string): string {
  const side = (photo: string, { faces }: { faces: { box: Box; score: number }[] }) =>
    faces
      .map(({ box, score }) => {
        const [x, y, width, height] = [box.x, box.y, box.width, box.height].map(Math.round);
        return `${photo}: face at (${x}, ${y}), ${width}×${height} pixels, score ${score.toFixed(2)}`;
      })
      .join('\n');
  const { detector, landmarker, embedder } = report.models;
  return [
    side(photoA, report.a),
    side(photoB, report.b),
    `distance ${report.distance.toFixed(3)}, threshold ${report.threshold}: ${report.same ? 'the same person' : 'different people'}`,
    `(largest face of each; ${detector}, ${landmarker}, ${embedder} on ${report.backend})\n`,
  ].join('\n');
}

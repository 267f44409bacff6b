// npm run verify: compares the largest faces of two photos.
import { existsSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { Box, EmbeddedFace, FaceNet as FaceNetClass } from '../../lib/index.ts';
import { withPage } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { userPath } from '../kit/paths.ts';

/** The result, as --json prints it. */
interface Report {
  a: { faces: { box: Box; score: number }[] };
  b: { faces: { box: Box; score: number }[] };
  distance: number;
  threshold: number;
  same: boolean;
  backend: string;
  models: { detector: string; landmarker: string; embedder: string };
}

const usage = `usage: npm run verify -- PHOTO_A PHOTO_B
       npm run --silent verify -- PHOTO_A PHOTO_B --json

--json  prints one JSON object. Without --silent, npm prints the name of the script before it.

Exit code: 0 for one person, 1 for two people, 2 for an error.`;

runCommand(usage, main);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
  const [photoA, photoB, ...more] = positionals;
  if (!photoA || !photoB || more.length > 0) throw new Error(usage);
  buildLibrary();
  const report = await compare(photoPath(photoA), photoPath(photoB));
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : describe(report, photoA, photoB));
  return report.same ? 0 : 1;
}

function photoPath(path: string): string {
  const absolute = userPath(path);
  if (!existsSync(absolute) || !statSync(absolute).isFile()) throw new Error(`${path}: no such file.`);
  return absolute;
}

function compare(a: string, b: string): Promise<Report> {
  const photos = [`/a/${encodeURIComponent(basename(a))}`, `/b/${encodeURIComponent(basename(b))}`] as [string, string];
  return withPage({ folders: { '/a': dirname(a), '/b': dirname(b) } }, (page, { server: { url } }) =>
    page.evaluate(compareInPage, { library: `${url}dist/facenet-web.js`, models: `${url}models/`, photos }),
  );
}

/** Runs in the page: embeds the faces of both photos, and compares the largest ones. */
async function compareInPage(given: { library: string; models: string; photos: [string, string] }): Promise<Report> {
  const { FaceNet } = (await import(given.library)) as { FaceNet: typeof FaceNetClass };
  const facenet = await FaceNet.load({ models: given.models });
  const facesOf = async (photo: string) => {
    const response = await fetch(photo);
    if (!response.ok) throw new Error(`${decodeURIComponent(photo.slice(3))} could not be read (${response.status}).`);
    return facenet.embed(await response.blob());
  };
  const boxesOf = (faces: EmbeddedFace[]) => ({ faces: faces.map(({ box, score }) => ({ box, score })) });
  const largest = (faces: EmbeddedFace[], photo: string) => {
    const area = ({ box }: EmbeddedFace) => box.width * box.height;
    const [face] = [...faces].sort((x, y) => area(y) - area(x));
    if (!face) throw new Error(`${decodeURIComponent(photo.slice(3))}: no face was found.`);
    return face;
  };
  const [photoA, photoB] = given.photos;
  const a = await facesOf(photoA);
  const b = await facesOf(photoB);
  const { same, distance, threshold } = facenet.compare(largest(a, photoA), largest(b, photoB));
  const { backend, models } = facenet;
  await facenet.dispose();
  return { a: boxesOf(a), b: boxesOf(b), distance, threshold, same, backend: backend.name, models };
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

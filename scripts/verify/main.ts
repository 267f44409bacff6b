// npm run verify: compares the largest faces of two photos.
import { existsSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { EmbeddedFace, FaceNet as FaceNetClass } from '../../lib/index.ts';
import { withPage } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { userPath } from '../kit/paths.ts';
import { describeReport, exitCodeOf, type Report } from './report.ts';

const usage = `usage: npm run verify -- PHOTO_A PHOTO_B
       npm run --silent verify -- PHOTO_A PHOTO_B --json

--json  prints one JSON object. Without --silent, npm prints the name of the script before it.

Exit code: 0 for one person, 1 for two people, 2 for an error, 3 for photos that are too poor to be compared.`;

runCommand(usage, main);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
  const [photoA, photoB, ...more] = positionals;
  if (!photoA || !photoB || more.length > 0) throw new Error(usage);
  buildLibrary();
  const report = await compare(photoPath(photoA), photoPath(photoB));
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : describeReport(report, photoA, photoB));
  return exitCodeOf(report);
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
  const verdict = facenet.compare(largest(a, photoA), largest(b, photoB));
  const { backend, models } = facenet;
  await facenet.dispose();
  return { a: boxesOf(a), b: boxesOf(b), ...verdict, backend: backend.name, models };
}

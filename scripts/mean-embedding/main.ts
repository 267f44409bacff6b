// npm run mean-embedding: computes the mean embedding of many people, which the demo subtracts from the embeddings that it draws.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withPage } from '../kit/browser.ts';
import { runCommand } from '../kit/command.ts';
import { repositoryPath } from '../kit/paths.ts';

const usage = `usage: npm run mean-embedding -- --data DIR

DIR is a folder in LFW's layout. Writes demo/ui/mean-embedding.json from one photo of each of 500 people.`;

/** Enough for a standard error of a twentieth of an element's standard deviation. */
const count = 500;

runCommand(usage, async () => {
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  if (!values.data) throw new Error(usage);
  const images = join(values.data, 'images');
  const people = readdirSync(images);
  const step = people.length / count;
  const chosen = Array.from({ length: count }, (_, i) => people[Math.floor(i * step)] as string);
  const photos = chosen.map((name) => `/photos/${name}/${name}_0001.jpg`);
  const mean = await withPage({ folders: { '/photos': images } }, (page) => page.evaluate(meanOf, photos));
  const rounded = { ...mean, elements: mean.elements.map((value) => Number(value.toFixed(4))) };
  writeFileSync(repositoryPath('demo/ui/mean-embedding.json'), `${JSON.stringify(rounded)}\n`);
  return undefined;
});

/** Runs in the page. */
async function meanOf(photos: readonly string[]): Promise<{ model: string; faces: number; elements: number[] }> {
  const address = '/dist/facenet-web.js';
  const { FaceNet } = (await import(address)) as typeof import('../../lib/index.ts');
  const facenet = await FaceNet.load({ models: '/models/', backend: 'wasm' });
  const { embedder } = facenet.models;
  const sum = new Float64Array(facenet.rule.dimension);
  let faces = 0;
  for (const photo of photos) {
    const response = await fetch(photo);
    if (!response.ok) continue;
    const [face] = await facenet.embed(await response.blob(), { order: 'size', maxFaces: 1 });
    if (!face) continue;
    faces++;
    for (const [i, value] of face.embedding.entries()) sum[i] = (sum[i] as number) + value;
  }
  await facenet.dispose();
  return { model: embedder, faces, elements: [...sum].map((value) => value / faces) };
}

import { clusterFaces } from '../../lib/clustering/cluster.ts';
import type { ComparisonRule } from '../../lib/comparison/compare.ts';
import type { Box } from '../../lib/core/types.ts';
import { bCubedScore } from '../../lib/evaluation/clustering.ts';
import type { FaceNet } from '../../lib/index.ts';
import { withPage } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { type FaceNetOptions, startFaceNet } from '../kit/lfw/facenet.ts';
import { samplePhotoNames, samplePhotos } from '../kit/paths.ts';
import { bCubedRow, labelsOf, libraryMethods } from './labels.ts';

/** Points on the faces of people who are in two photos, found by visual inspection. All other faces are of different people. */
const inTwoPhotos = [
  [
    { photo: 'sample1.jpg', x: 1557, y: 350 },
    { photo: 'sample3.jpg', x: 1172, y: 381 },
  ],
  [
    { photo: 'sample1.jpg', x: 945, y: 558 },
    { photo: 'sample4.jpg', x: 351, y: 341 },
  ],
];

/** The minimum quality of a face to cluster, as in the demo. */
const minQuality = 0.1;

/** A face of a sample photo. */
interface SampleFace {
  photo: string;
  box: Box;
  quality: number;
  embedding: number[];
}

/** The faces of the sample photos, embedded by the built library in Chromium. */
async function sampleFaces(preset: string): Promise<SampleFace[]> {
  buildLibrary();
  return withPage({ folders: { '/samples': samplePhotos } }, async (page, { server }) => {
    const models = `${server.url}models/`;
    const options: FaceNetOptions = { library: `${server.url}dist/facenet-web.js`, load: { preset, models } };
    await page.evaluate(startFaceNet, options as never);
    return page.evaluate(embedSamples, [...samplePhotoNames]);
  });
}

/** Runs in the page. */
async function embedSamples(photos: string[]): Promise<SampleFace[]> {
  const { facenet } = globalThis as unknown as { facenet: FaceNet };
  const faces: SampleFace[] = [];
  for (const photo of photos) {
    for (const { box, quality, embedding } of await facenet.embed(await (await fetch(`samples/${photo}`)).blob())) {
      faces.push({ photo, box, quality: quality.overall, embedding: [...embedding] });
    }
  }
  return faces;
}

/** The person of a face: a name for each of {@link inTwoPhotos}, else one of its own. */
function personOf({ photo, box }: SampleFace, index: number): string {
  const isInside = ({ x, y }: { x: number; y: number }) =>
    x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height;
  const person = inTwoPhotos.findIndex((points) => points.some((point) => point.photo === photo && isInside(point)));
  return person < 0 ? `${index}` : `in two photos ${person}`;
}

/** Clusters six photos of several people without and with the keys of the photos. @returns a Markdown table. */
export async function samplePhotoTable(
  preset: string,
  rule: ComparisonRule,
  rates: readonly number[],
): Promise<string> {
  const found = (await sampleFaces(preset)).filter(({ quality }) => quality >= minQuality);
  const truth = found.map(personOf);
  const lines: string[] = [];
  for (const method of libraryMethods) {
    for (const far of rates) {
      for (const withPhoto of [false, true]) {
        const faces = found.map(({ embedding, photo, quality }) => ({
          embedding: Float32Array.from(embedding),
          model: rule.model,
          quality: { overall: quality },
          ...(withPhoto && { photo }),
        }));
        const clusters = await clusterFaces(faces, { rule }, { method, far });
        lines.push(bCubedRow(method, far, withPhoto ? 'yes' : 'no', bCubedScore(labelsOf(clusters), truth)));
      }
    }
  }
  return [
    `${found.length} faces of ${new Set(truth).size} people in ${samplePhotoNames.length} photos.\n`,
    '| method | far | `photo` | BCubed precision | recall | F |',
    '|-|-|-|-|-|-|',
    ...lines,
  ].join('\n');
}

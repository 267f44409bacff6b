import { join } from 'node:path';
import { euclideanDistance } from '../../lib/comparison/distance.ts';
import { meanOf, unit } from '../../lib/embedding/vectors.ts';
import type { LabelledPair } from '../../lib/evaluation/index.ts';
import { type BrowserSession, withBrowser } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { folderImages, imageUrl, serveImages } from '../kit/datasets/serve.ts';
import { choosePairs, photoPathsOf, readPairs, requirePhotos } from '../kit/lfw/pairs.ts';
import { type ComparedPair, comparePairs } from '../kit/lfw/summary.ts';
import { type CropEmbeddings, type Degradation, embedDegraded, experimentEmbedder } from './degradation.ts';
import { experimentsFolder, findFaces } from './find-faces.ts';

/** The embeddings of images, by path; null if no face was found. */
export type Embeddings = ReadonlyMap<string, Float32Array | null>;

/** The data set and the tools of an experiment. */
export interface ExperimentContext {
  pairs: readonly LabelledPair[];
  /** The paths of the images of the pairs. */
  paths: readonly string[];
  /** The name of the shipped model that computes the embeddings. */
  model: string;
  session: BrowserSession;
  /** The URL of each image on the server, by path. */
  addresses: ReadonlyMap<string, string>;
  /** Finds the faces of all images, once, and writes them into {@link experimentsFolder} for the pages. */
  findFaces(): Promise<unknown>;
  /** Embeds the aligned crop of each image after a degradation, as the presets `fast` and `balanced` do. */
  embed(degradation: Degradation): Promise<{ fast: Embeddings; balanced: Embeddings }>;
}

/** Opens a data set in LFW's layout for the time that `work` takes. @param limit see {@link choosePairs}. */
export function withContext<T>(
  data: string,
  limit: string | undefined,
  work: (context: ExperimentContext) => Promise<T>,
): Promise<T> {
  const pairs = choosePairs(readPairs(data), undefined, limit);
  const paths = photoPathsOf(pairs);
  requirePhotos(data, paths);
  buildLibrary();
  const addresses = new Map(paths.map((path) => [path, `/photos/${imageUrl(path)}`]));
  const handlers = { '/photos': serveImages(folderImages(join(data, 'images'), paths)) };
  return withBrowser({ folders: { '/experiments': experimentsFolder }, handlers }, (session) => {
    let faces: Promise<unknown> | undefined;
    const context: ExperimentContext = {
      pairs,
      paths,
      model: experimentEmbedder,
      session,
      addresses,
      findFaces() {
        faces ??= findFaces(session, addresses);
        return faces;
      },
      async embed(degradation) {
        await context.findFaces();
        const results = await embedDegraded(session, addresses, degradation);
        return {
          fast: mapEmbeddings(results, ({ plain }) => Float32Array.from(plain)),
          balanced: mapEmbeddings(results, ({ plain, mirrored }) =>
            unit(meanOf([Float32Array.from(plain), Float32Array.from(mirrored)])),
          ),
        };
      },
    };
    return work(context);
  });
}

/** The Euclidean distance of each pair. */
export function compareEmbeddings(pairs: readonly LabelledPair[], embeddings: Embeddings): ComparedPair[] {
  return comparePairs(pairs, embeddings, euclideanDistance);
}

function mapEmbeddings(
  results: ReadonlyMap<string, CropEmbeddings>,
  embeddingOf: (result: NonNullable<CropEmbeddings>) => Float32Array,
): Embeddings {
  return new Map([...results].map(([path, result]) => [path, result && embeddingOf(result)]));
}

import type { ComparisonRule } from 'facenet-web';
import type { Cluster } from 'facenet-web/clustering';
import { DemoError } from '../../app/demo-error.ts';
import type { ClusteringRequest, ClusteringResponse } from './clustering.worker.ts';
import type { PhotoFace } from './embed-photos.ts';

let worker: Worker | undefined;
let nextId = 0;

/**
 * Runs `clusterFaces` in a worker. Faces of one photo are not put together, except in known clusters.
 *
 * @param known existing clusters of the first faces. They are kept and extended.
 * @throws {DemoError} `clusteringWorkerFailed` if the worker cannot start.
 */
export async function clusterInWorker(
  faces: readonly PhotoFace[],
  rule: ComparisonRule,
  known: Cluster[],
): Promise<Cluster[]> {
  worker ??= new Worker(new URL('./clustering.worker.ts', import.meta.url), { type: 'module', name: 'clustering' });
  const current = worker;
  const embeddings = new Float32Array(faces.length * rule.dimension);
  faces.forEach(({ embedding }, i) => {
    embeddings.set(embedding, i * rule.dimension);
  });
  const qualities = Float32Array.from(faces, ({ quality }) => quality.overall);
  const photos = Uint32Array.from(faces, ({ photo }) => photo);
  const request: ClusteringRequest = { id: nextId++, rule, embeddings, qualities, photos, known };
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const options = { signal: done.signal };
    current.addEventListener(
      'message',
      ({ data }: MessageEvent<ClusteringResponse>) => {
        if (data.id !== request.id) return;
        done.abort();
        if ('clusters' in data) resolve(data.clusters);
        else reject(new Error(data.error));
      },
      options,
    );
    current.addEventListener(
      'error',
      ({ message }) => {
        done.abort();
        worker = undefined;
        reject(new DemoError('clusteringWorkerFailed', { cause: message }));
      },
      options,
    );
    current.postMessage(request, [embeddings.buffer, qualities.buffer, photos.buffer]);
  });
}

/** Terminates the worker and frees its memory. The next call starts a new one. */
export function terminateClustering(): void {
  worker?.terminate();
  worker = undefined;
}

import type { ComparisonRule } from 'facenet-web';
import type { Cluster } from 'facenet-web/clustering';
import { DemoError } from '../../app/demo-error.ts';
import type { ClusteringAnswer, ClusteringRequest } from './clustering.worker.ts';
import type { PhotoFace } from './embed-photos.ts';

let worker: Worker | undefined;
let calls = 0;

/**
 * `clusterFaces` in a worker of the demo's own.
 *
 * @param known clusters of the first faces, which stay as they are.
 */
export async function clusterInWorker(
  faces: readonly PhotoFace[],
  rule: ComparisonRule,
  known: Cluster[],
): Promise<Cluster[]> {
  worker ??= new Worker(new URL('./clustering.worker.ts', import.meta.url), { type: 'module', name: 'clustering' });
  const here = worker;
  const embeddings = new Float32Array(faces.length * rule.dimension);
  faces.forEach(({ embedding }, i) => {
    embeddings.set(embedding, i * rule.dimension);
  });
  const qualities = Float32Array.from(faces, ({ quality }) => quality.overall);
  const request: ClusteringRequest = { id: calls++, rule, embeddings, qualities, known };
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const options = { signal: done.signal };
    here.addEventListener(
      'message',
      ({ data }: MessageEvent<ClusteringAnswer>) => {
        if (data.id !== request.id) return;
        done.abort();
        if ('clusters' in data) resolve(data.clusters);
        else reject(new Error(data.error));
      },
      options,
    );
    here.addEventListener(
      'error',
      ({ message }) => {
        done.abort();
        worker = undefined;
        reject(new DemoError('clusteringWorkerFailed', { cause: message }));
      },
      options,
    );
    here.postMessage(request, [embeddings.buffer, qualities.buffer]);
  });
}

/** Gives up the worker and what it holds. */
export function terminateClustering(): void {
  worker?.terminate();
  worker = undefined;
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type * as Library from '../../lib/index.ts';
import type { ModelDescriptor } from '../../lib/models/manifest.ts';
import { readManifest } from '../kit/manifest.ts';
import { repositoryPath } from '../kit/paths.ts';
import { hostileValue, int, mutateBytes, mutateJson, pick } from './mutate.ts';
import { faceTargets } from './page-face-targets.ts';
import { galleryPageTargets } from './page-gallery-targets.ts';
import { errorCode, importLibrary } from './page-globals.ts';
import { loadTargets } from './page-load-targets.ts';
import { type PageTarget, pageTarget, toBase64 } from './target.ts';

const manifest = readManifest();

/** A hostile model folder: some files in base64, by path. The others are the shipped ones. */
export interface HostileFiles {
  files: Record<string, string>;
  detector: string;
}

/** The targets that run in a page, through the public API of the built library. */
export const pageTargets: Record<string, PageTarget> = {
  ...faceTargets,
  ...loadTargets,
  ...galleryPageTargets,
  messages: pageTarget<unknown[]>({
    limitMs: 60_000,
    make: (random) =>
      Array.from({ length: 1 + int(random, 4) }, () => {
        if (random() < 0.3) return hostileValue(random);
        const type = pick(random, ['load', 'request', 'abort', 'persist', 'model', 'answer', '__proto__', 7]);
        const name = pick(random, ['embedFaces', 'detect', 'dispose', 'facts', 'constructor', 'toString', '__proto__']);
        return mutateJson(random, { type, id: int(random, 5), name, image: {}, input: {}, options: {} });
      }),
    async prepare() {
      const worker = new Worker('/dist/worker.js', { type: 'module' });
      Object.assign(globalThis, { fuzz: { worker, calls: 1000, fault: '' } });
      worker.onerror = ({ message }) => {
        fuzz.fault = message;
      };
      await new Promise<void>((resolve) => {
        worker.onmessage = ({ data }) => {
          if (data.type === 'ready') {
            worker.postMessage({
              type: 'load',
              options: { models: [new URL('/models/', location.href).href], preset: 'fast' },
            });
          }
          if (data.type === 'loaded') resolve();
        };
      });
    },
    async run(messages) {
      const { worker } = fuzz;
      const id = fuzz.calls++;
      const answered = new Promise<string>((resolve, reject) => {
        worker.onmessage = ({ data }) => {
          if (data.id !== id) return;
          if (data.type === 'answer' && Array.isArray(data.output)) resolve('answer');
          else reject(new Error(`a valid call was answered with ${JSON.stringify(data)}`));
        };
      });
      for (const message of messages) worker.postMessage(message);
      const limits = { minScore: 0.5, maxFaces: 1, thorough: false, minSize: { pixels: 30, share: 0 } };
      worker.postMessage({ type: 'request', id, name: 'detect', image: new ImageData(64, 48), input: limits });
      const result = await answered;
      if (fuzz.fault) throw new Error(`the worker threw: ${fuzz.fault}`);
      return result;
    },
  }),
  load: pageTarget<HostileFiles>({
    limitMs: 90_000,
    make(random) {
      const changed = structuredClone(manifest);
      const mediaPipe = random() < 0.15;
      const names = mediaPipe ? ['mediapipe-blazeface-full'] : ['blazeface-full', 'facemesh-468', 'mobilefacenet'];
      const chosen = pick(random, names);
      const model = changed.models.find(({ name }) => name === chosen) as ModelDescriptor;
      const files: Record<string, string> = {};
      if (random() < 0.4) {
        const index = changed.models.indexOf(model);
        changed.models[index] = mutateJson(random, model) as ModelDescriptor;
      } else {
        const file = pick(random, model.files);
        const bytes = readFileSync(repositoryPath(`public/models/${file.path}`));
        const isGraph = file.path.endsWith('.json') && random() < 0.8;
        const hostile = isGraph
          ? Buffer.from(JSON.stringify(mutateJson(random, JSON.parse(bytes.toString()))))
          : Buffer.from(mutateBytes(random, bytes));
        // The manifest is hostile too, and usually states the size and the hash of the changed file.
        if (random() < 0.9) {
          file.bytes = hostile.length;
          file.sha256 = createHash('sha256').update(hostile).digest('hex');
        }
        files[file.path] = toBase64(hostile);
        if (random() < 0.5) delete model.selfCheck;
      }
      files['manifest.json'] = toBase64(Buffer.from(JSON.stringify(changed)));
      return { files, detector: mediaPipe ? 'mediapipe-blazeface-full' : 'blazeface-full' };
    },
    prepare: importLibrary,
    async run({ detector }) {
      const { FaceNet } = fuzz.library;
      let facenet: Library.FaceNet | undefined;
      try {
        facenet = await FaceNet.load({ models: '/hostile/', backend: 'wasm', preset: 'fast', detector });
        const [face] = await facenet.embed(new ImageData(64, 48), { thorough: false, minSize: 30, maxFaces: 1 });
        if (face && !(face.embedding instanceof Float32Array)) throw new Error('not an embedding');
        return 'answer';
      } catch (error) {
        return errorCode(error);
      } finally {
        await facenet?.dispose();
        for (const name of await caches.keys()) await caches.delete(name);
      }
    },
  }),
};

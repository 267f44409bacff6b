import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Library from '../../lib/index.ts';
import { hostileImage } from './images.ts';
import { hostileNumbers, hostileValue, int, mutateBytes, mutateJson, pick, type Random } from './mutate.ts';
import { type PageTarget, toBase64 } from './target.ts';

declare global {
  /** What the targets keep in the page. */
  var fuzz: {
    library: typeof Library;
    facenet: Library.FaceNet;
    liveness: import('../../lib/liveness/index.ts').Liveness;
    /** The code of a typed error; whatever else was thrown goes on. */
    codeOf(error: unknown): string;
    worker: Worker;
    calls: number;
    fault: string;
  };
}

const models = fileURLToPath(new URL('../../public/models/', import.meta.url));
const manifest = JSON.parse(readFileSync(`${models}manifest.json`, 'utf8'));

/** A model folder's answer to requests: the path, and the bytes in base64. What is not here is as it was prepared. */
export interface HostileFiles {
  files: Record<string, string>;
  detector: string;
}

/** Runs in the page. */
async function prepare(): Promise<void> {
  const library = (await import('/dist/facenet-web.js' as string)) as typeof Library;
  const codeOf = (error: unknown) => {
    if (error instanceof library.FaceNetError) return error.code;
    throw error;
  };
  Object.assign(globalThis, { fuzz: { library, codeOf, calls: 0, fault: '' } });
}

/** Runs in the page. */
async function prepareLoaded(): Promise<void> {
  const library = (await import('/dist/facenet-web.js' as string)) as typeof Library;
  const codeOf = (error: unknown) => {
    if (error instanceof library.FaceNetError) return error.code;
    throw error;
  };
  const facenet = await library.FaceNet.load({ models: '/models/', preset: 'fast' });
  Object.assign(globalThis, { fuzz: { library, facenet, codeOf, calls: 0, fault: '' } });
}

const hostileNumber = (random: Random) => (random() < 0.7 ? random() * 100 - 20 : pick(random, hostileNumbers));

/** A face, half of whose numbers may be anything. */
function hostileFace(random: Random) {
  const number = () => hostileNumber(random);
  const point = () => ({ x: number(), y: number() });
  return {
    box: { x: number(), y: number(), width: number(), height: number() },
    score: number(),
    roll: number(),
    ...(random() < 0.5 && { keypoints: { leftEye: point(), rightEye: point(), noseTip: point() } }),
    ...(random() < 0.4 && {
      landmarks: {
        scheme: 'ibug-68',
        points: Array.from({ length: random() < 0.9 ? 68 : int(random, 99) }, point),
      },
    }),
  };
}

/** What is fuzzed in a page, through the public API of the built library. */
export const pageTargets: Record<string, PageTarget> = {
  images: target<{ name: string; base64: string }>({
    limitMs: 60_000,
    make(random) {
      const { name, bytes } = hostileImage(random);
      return { name, base64: toBase64(bytes) };
    },
    prepare: prepareLoaded,
    async run({ base64 }) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      try {
        const faces = await fuzz.facenet.embed(new Blob([bytes]), { thorough: false, minSize: 30 });
        // None of the seeds shows a face; whatever is taken for one must at least be whole.
        if (!faces.every(({ embedding }) => embedding.every(Number.isFinite))) throw new Error('not finite');
        return 'answer';
      } catch (error) {
        return fuzz.codeOf(error);
      }
    },
  }),
  faces: target<{
    method: string;
    face: unknown;
    options: unknown;
    size: [number, number];
    labelled: boolean;
    embedding: number[];
    model: unknown;
  }>({
    limitMs: 60_000,
    make(random) {
      const number = () => hostileNumber(random);
      const face = hostileFace(random);
      const value = () => (random() < 0.5 ? number() : hostileValue(random));
      const options = { minScore: value(), maxFaces: value(), minSize: value(), thorough: value(), far: value() };
      const asked = Object.entries(options).filter(() => random() < 0.25);
      return {
        method: pick(random, ['landmarks', 'align', 'embed', 'detect', 'compare', 'embedFace']),
        face: random() < 0.15 ? mutateJson(random, face) : face,
        options: random() < 0.1 ? hostileValue(random) : Object.fromEntries(asked),
        size: [pick(random, [1, 2, 64, 300]), pick(random, [1, 3, 64, 200])],
        // What comes after was added later: it is drawn last, so that the seeds of past findings still make their cases.
        labelled: random() < 0.7,
        embedding: Array.from({ length: random() < 0.9 ? 128 : int(random, 200) }, () =>
          random() < 0.99 ? random() * 2 - 1 : pick(random, hostileNumbers),
        ),
        model: random() < 0.8 ? 'dlib-resnet-34' : hostileValue(random),
      };
    },
    prepare: prepareLoaded,
    async run({ method, face, options, size, labelled, embedding, model }) {
      const { facenet } = fuzz;
      const picture = new ImageData(...size).data.fill(120);
      const source = new ImageData(picture, ...size);
      const finite = (value: unknown): boolean => {
        if (typeof value === 'number') return Number.isFinite(value);
        if (ArrayBuffer.isView(value)) return (value as Float32Array).every(Number.isFinite);
        return typeof value !== 'object' || value === null || Object.values(value).every(finite);
      };
      try {
        const given = face as Library.Face;
        const asked = options as object;
        const calls: Record<string, () => unknown> = {
          landmarks: () => facenet.landmarks(source, given),
          align: () => facenet.align(source, given, asked),
          embed: () => facenet.embed(source, asked),
          embedFace: () => facenet.embed(source, given),
          detect: () => facenet.detect(source, asked),
          compare: () =>
            facenet.compare(
              Float32Array.from({ length: 128 }, () => given.roll),
              (labelled ? { embedding: Float32Array.from(embedding), model } : given) as never,
              asked,
            ),
        };
        const answer = await calls[method]?.();
        if (!finite(answer)) throw new Error(`the answer has numbers that are not finite: ${JSON.stringify(answer)}`);
        return 'answer';
      } catch (error) {
        return fuzz.codeOf(error);
      }
    },
  }),
  liveness: target<{ face: unknown; size: [number, number] }>({
    limitMs: 60_000,
    make(random) {
      const face = hostileFace(random);
      return {
        face: random() < 0.15 ? mutateJson(random, face) : face,
        size: [pick(random, [1, 2, 64, 300]), pick(random, [1, 3, 64, 200])],
      };
    },
    async prepare() {
      const [library, { Liveness }] = (await Promise.all([
        import('/dist/facenet-web.js' as string),
        import('/dist/liveness.js' as string),
      ])) as [typeof Library, typeof import('../../lib/liveness/index.ts')];
      const codeOf = (error: unknown) => {
        if (error instanceof library.FaceNetError) return error.code;
        throw error;
      };
      const liveness = await Liveness.load({ models: '/models/' });
      Object.assign(globalThis, { fuzz: { library, liveness, codeOf, calls: 0, fault: '' } });
    },
    async run({ face, size }) {
      const source = new ImageData(new ImageData(...size).data.fill(120), ...size);
      try {
        const scores = await fuzz.liveness.score(source, face as Library.Face);
        const fine = ({ antispoof, liveness }: typeof scores) =>
          [antispoof, liveness].every((score) => score >= 0 && score <= 1);
        if (![scores].flat().every(fine)) throw new Error(`no scores: ${JSON.stringify(scores)}`);
        return 'answer';
      } catch (error) {
        return fuzz.codeOf(error);
      }
    },
  }),
  messages: target<unknown[]>({
    limitMs: 60_000,
    make: (random) =>
      Array.from({ length: 1 + int(random, 4) }, () => {
        if (random() < 0.3) return hostileValue(random);
        const type = pick(random, ['load', 'request', 'abort', 'persist', 'answer', '__proto__', 7]);
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
              options: { models: new URL('/models/', location.href).href, preset: 'fast' },
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
          else reject(new Error(`a good call got ${JSON.stringify(data)}`));
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
  load: target<HostileFiles>({
    limitMs: 90_000,
    make(random) {
      const changed = structuredClone(manifest);
      const mediaPipe = random() < 0.15;
      const names = mediaPipe ? ['mediapipe-blazeface-full'] : ['blazeface-full', 'facemesh-468', 'dlib-resnet-34'];
      const chosen = pick(random, names);
      const model = changed.models.find(({ name }: { name: string }) => name === chosen);
      const files: Record<string, string> = {};
      if (random() < 0.4) {
        const [at] = [changed.models.indexOf(model)];
        changed.models[at] = mutateJson(random, model);
      } else {
        const file = pick(random, model.files as { path: string; bytes: number; sha256: string }[]);
        const bytes = readFileSync(models + file.path);
        const isGraph = file.path.endsWith('.json') && random() < 0.8;
        const hostile = isGraph
          ? Buffer.from(JSON.stringify(mutateJson(random, JSON.parse(bytes.toString()))))
          : Buffer.from(mutateBytes(random, bytes));
        // The manifest is the attacker's too, so that the file is what it says.
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
    prepare,
    async run({ detector }) {
      const { FaceNet } = fuzz.library;
      let facenet: Library.FaceNet | undefined;
      try {
        facenet = await FaceNet.load({ models: '/hostile/', backend: 'wasm', preset: 'fast', detector });
        const [face] = await facenet.embed(new ImageData(64, 48), { thorough: false, minSize: 30, maxFaces: 1 });
        if (face && !(face.embedding instanceof Float32Array)) throw new Error('not an embedding');
        return 'answer';
      } catch (error) {
        return fuzz.codeOf(error);
      } finally {
        await facenet?.dispose();
        for (const name of await caches.keys()) await caches.delete(name);
      }
    },
  }),
};

/** A target whose cases are checked where it is written. */
function target<Case>(given: PageTarget<Case>): PageTarget {
  return given as PageTarget;
}

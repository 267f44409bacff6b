import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { convertTflite } from '../../cli/convert/readers/tflite/convert-tflite.ts';
import { clusterFaces } from '../../lib/clustering/cluster.ts';
import { compareEmbeddings } from '../../lib/comparison/compare.ts';
import { FaceNetError } from '../../lib/core/errors.ts';
import { seeded } from '../../lib/core/random.ts';
import { blockValues } from '../../lib/detection/classical/hog.ts';
import { blocksAlong, hogSvmDetector, parseHogSvm } from '../../lib/detection/classical/hog-svm.ts';
import { violaJonesDetector } from '../../lib/detection/classical/viola-jones.ts';
import { Gallery } from '../../lib/gallery/gallery.ts';
import type { ModelDescriptor } from '../../lib/models/manifest.ts';
import { parseManifest } from '../../lib/models/manifest-schema.ts';
import { KernelRunner } from '../../lib/runtime/kernels/kernel-runner.ts';
import { Head } from '../../lib/training/head/head.ts';
import { trainHead } from '../../lib/training/head/train-head.ts';
import { deserialiseError, type SerialisedError, serialiseError } from '../../lib/workers/serialised-error.ts';
import { hostileNumbers, hostileValue, int, mutateBytes, mutateJson, mutateText, pick } from './mutate.ts';
import { type NodeTarget, toBase64 } from './target.ts';

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string) => readFileSync(root(path));

/** The code of a typed error; whatever else was thrown goes on. */
function codeOf(error: unknown): string {
  if (error instanceof FaceNetError) return error.code;
  throw error;
}

const manifest = JSON.parse(read('public/models/manifest.json').toString());

const picture = (size: number) => ({
  width: size,
  height: size,
  data: new Uint8ClampedArray(size * size * 4).fill(90),
});

const cascade = `<?xml version="1.0"?>
<opencv_storage>
<cascade type_id="opencv-cascade-classifier">
  <stageType>BOOST</stageType>
  <featureType>HAAR</featureType>
  <height>8</height>
  <width>8</width>
  <stages>
    <_><maxWeakCount>2</maxWeakCount><stageThreshold>0.5</stageThreshold>
      <weakClassifiers>
        <_><internalNodes>0 -1 0 0.2</internalNodes><leafValues>0. 1.</leafValues></_>
        <_><internalNodes>0 1 1 0.1 -1 -2 0 0.3</internalNodes><leafValues>0. 1. 0.5</leafValues></_>
      </weakClassifiers></_>
  </stages>
  <features>
    <_><rects><_>0 0 8 8 -1.</_><_>4 0 4 8 2.</_></rects></_>
    <_><rects><_>3 1 2 2 -1.</_><_>3 1 1 1 2.</_></rects><tilted>1</tilted></_>
  </features>
</cascade>
</opencv_storage>`;

const kernels = WebAssembly.compile(read('public/models/engines/facenet-simd.wasm'));
const small = manifest.models.find(({ name }: { name: string }) => name === 'blazeface-short') as ModelDescriptor;
const smallModel = small.files.map(({ path }) => read(`public/models/${path}`)) as [Buffer, Buffer];
const smallJson = JSON.parse(smallModel[0].toString());

const rule = {
  model: 'test',
  dimension: 4,
  metric: 'euclidean',
  calibration: {
    logOdds: [27, -63],
    thresholds: [
      { far: 0.1, distance: 0.48 },
      { far: 1e-5, distance: 0.3 },
    ],
  },
} as const;
const open = () => Gallery.open({ name: 'fuzz', storage: 'memory', facenet: { rule: structuredClone(rule) as never } });
const face = { embedding: Float32Array.of(0.5, 0.5, 0.5, 0.5), model: 'test' };
const gallery = await open();
await gallery.enrol({ name: 'Ada', metadata: { team: 7 } }, face, {
  crop: new Blob(['pixels'], { type: 'image/png' }),
});
const plainExport = await (await gallery.export()).text();
const sealedExport = await (await gallery.export({ passphrase: 'sesame' })).text();

const normal = seeded(7);
const vectorOf = (person: number) => Float32Array.from({ length: 4 }, (_, i) => Number(i === person) + normal() / 5);
const examples = [0, 0, 1, 1, 2, 2, 3, 3].map((person) => ({ embedding: vectorOf(person), model: 'test', person }));
const head = await trainHead(examples, { worker: false, epochs: 2 });
const savedHead = await (await head.save()).text();

/** Whether every number in a value is one, however deep. */
function isAllFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isAllFinite);
}

/** A detector that was read is right if it looks at a picture and gives faces with numbers. */
async function lookWith(detector: ReturnType<typeof violaJonesDetector>): Promise<string> {
  const faces = await detector.find([picture(Math.max(detector.inputSize, 200))]);
  for (const { box, score } of faces.flat()) {
    if (![box.x, box.y, box.width, box.height, score].every(Number.isFinite)) throw new Error('a face is not finite');
  }
  return 'answer';
}

/** A target whose cases are checked where it is written. */
function target<Case>(given: NodeTarget<Case>): NodeTarget {
  return given as NodeTarget;
}

/** What is fuzzed in Node: the parts that touch no browser. */
export const nodeTargets: Record<string, NodeTarget> = {
  manifest: target<string>({
    limitMs: 2000,
    make: (random) => JSON.stringify(mutateJson(random, manifest)),
    async run(text) {
      try {
        parseManifest(JSON.parse(text), 'manifest.json');
        return 'answer';
      } catch (error) {
        return codeOf(error);
      }
    },
  }),
  cascade: target<string>({
    limitMs: 60_000,
    make: (random) => mutateText(random, cascade),
    async run(xml) {
      try {
        return await lookWith(violaJonesDetector(xml));
      } catch (error) {
        return codeOf(error);
      }
    },
  }),
  hog: target<string>({
    // Its longest searches take a second and a half on their own, ten times as long on a machine where all is busy.
    limitMs: 60_000,
    make(random) {
      const window = pick(random, [80, 64, 16]);
      const weights = Array.from({ length: blocksAlong(window) ** 2 * blockValues }, () => random() - 0.5);
      const model = { version: 1, window, weights, bias: -1 };
      return JSON.stringify(random() < 0.1 ? model : mutateJson(random, model));
    },
    async run(json) {
      try {
        return await lookWith(hogSvmDetector(parseHogSvm(json)));
      } catch (error) {
        return codeOf(error);
      }
    },
  }),
  // What a graph that cannot be run throws is told as `backend-unavailable` by load(): the target "load" holds that.
  graph: target<{ json: string; weights: string }>({
    limitMs: 10_000,
    make: (random) =>
      random() < 0.7
        ? { json: JSON.stringify(mutateJson(random, smallJson)), weights: '' }
        : { json: '', weights: toBase64(mutateBytes(random, smallModel[1])) },
    async run({ json, weights }) {
      try {
        const files = {
          json: json ? new TextEncoder().encode(json) : Uint8Array.from(smallModel[0]),
          weights: Uint8Array.from(weights ? Buffer.from(weights, 'base64') : smallModel[1]),
        };
        const runner = await KernelRunner.start(small, files, await kernels);
        await runner.run([picture(small.preprocessing.width)]);
        runner.dispose();
        return 'answer';
      } catch (error) {
        if (error instanceof Error) return 'error';
        throw error;
      }
    },
  }),
  tflite: target<string>({
    limitMs: 5000,
    make(random) {
      const file = read('public/models/mediapipe-blazeface-full/blazeface-full.tflite');
      // The tables stand in front and at the end; between them lie the weights, which are only numbers.
      const head = file.subarray(0, 4096);
      const changed = random() < 0.5 ? Buffer.concat([mutateBytes(random, head), file.subarray(4096)]) : undefined;
      const tail = file.length - 60_000;
      const whole = changed ?? Buffer.concat([file.subarray(0, tail), mutateBytes(random, file.subarray(tail))]);
      return toBase64(whole);
    },
    async run(base64) {
      try {
        convertTflite(new Uint8Array(Buffer.from(base64, 'base64')));
        return 'answer';
      } catch (error) {
        if (error instanceof Error && error.constructor === Error) return 'error';
        throw error;
      }
    },
  }),
  gallery: target<{ sealed: boolean; text: string }>({
    limitMs: 10_000,
    make(random) {
      const sealed = random() < 0.2;
      const text = sealed ? sealedExport : plainExport;
      if (random() < 0.3) return { sealed, text: mutateText(random, text) };
      return { sealed, text: JSON.stringify(mutateJson(random, JSON.parse(text))) };
    },
    async run({ sealed, text }) {
      await using target = await open();
      await target.enrol({ name: 'Bob' }, { ...face, embedding: Float32Array.of(1, 0, 0, 0) });
      try {
        await target.import(new Blob([text]), sealed ? { passphrase: 'sesame' } : {});
      } catch (error) {
        const code = codeOf(error);
        if ((await target.list()).length !== 1) throw new Error('a refused import has left something');
        return code;
      }
      // What was taken in must be of use.
      for (const { name, templates } of await target.list()) {
        if (typeof name !== 'string' || !Array.isArray(templates)) throw new Error('a person is not whole');
      }
      const { match, candidates } = await target.identify({ ...face, embedding: Float32Array.of(1, 0, 0, 0) });
      if (match?.person.name !== 'Bob') throw new Error('Bob is not known any more');
      if (!candidates.every(({ distance }) => Number.isFinite(distance))) throw new Error('a distance is not finite');
      await target.export();
      return 'answer';
    },
  }),
  embeddings: target<{ method: string; embedding: unknown; face: unknown; options: unknown }>({
    limitMs: 10_000,
    make(random) {
      const number = () => (random() < 0.8 ? random() * 2 - 1 : pick(random, hostileNumbers));
      const value = () => (random() < 0.5 ? number() : hostileValue(random));
      const face = {
        model: random() < 0.9 ? 'test' : hostileValue(random),
        ...(random() < 0.3 && { quality: { overall: number() } }),
        ...(random() < 0.3 && { box: { x: number(), y: number(), width: number(), height: number() } }),
      };
      const options = { far: value(), fpir: value(), limit: value(), minQuality: value(), allow: value() };
      const asked = Object.entries({ ...options, method: value(), known: value(), seed: value(), crop: value() });
      return {
        method: pick(random, ['enrol', 'identify', 'verify', 'cluster', 'apply', 'compare']),
        embedding:
          random() < 0.9 ? Array.from({ length: random() < 0.9 ? 4 : int(random, 9) }, number) : hostileValue(random),
        face: random() < 0.1 ? hostileValue(random) : face,
        options: random() < 0.05 ? hostileValue(random) : Object.fromEntries(asked.filter(() => random() < 0.15)),
      };
    },
    async run({ method, embedding, face: rest, options }) {
      const vector = Array.isArray(embedding) ? Float32Array.from(embedding.map(Number)) : embedding;
      const given = (typeof rest === 'object' && rest ? { ...rest, embedding: vector } : rest) as typeof face;
      const asked = options as object;
      await using target = await open();
      const enrolled = await target.enrol({ name: 'Ada' }, face);
      const ada = enrolled.enrolled ? enrolled.person.id : '';
      const calls: Record<string, () => unknown> = {
        enrol: async () => (await target.enrol({ name: 'Eve' }, given, asked)).enrolled,
        identify: () => target.identify(given, asked),
        verify: () => target.verify(ada, given, asked),
        cluster: () => clusterFaces([face, given, face], { rule: structuredClone(rule) as never }, asked),
        apply: () => head.apply(given).embedding,
        compare: () => compareEmbeddings(face, given, structuredClone(rule) as never, asked),
      };
      let outcome = 'answer';
      try {
        const answer = await calls[method]?.();
        if (!isAllFinite(answer))
          throw new Error(`the answer has numbers that are not finite: ${JSON.stringify(answer)}`);
      } catch (error) {
        outcome = codeOf(error);
      }
      const { candidates } = await target.identify(face);
      if (!candidates.some(({ person }) => person.name === 'Ada')) throw new Error('Ada is not known any more');
      if (!isAllFinite(candidates)) throw new Error('a candidate is not finite');
      return outcome;
    },
  }),
  head: target<string>({
    limitMs: 5000,
    make: (random) =>
      random() < 0.3 ? mutateText(random, savedHead) : JSON.stringify(mutateJson(random, JSON.parse(savedHead))),
    async run(text) {
      try {
        const read = await Head.load(new Blob([text]));
        if (!isAllFinite(read.apply(face).embedding)) throw new Error('an embedding is not finite');
        return 'answer';
      } catch (error) {
        return codeOf(error);
      }
    },
  }),
  errors: target<unknown>({
    limitMs: 1000,
    make: (random) => mutateJson(random, serialiseError(new FaceNetError('disposed', 'x', { cause: new Error('y') }))),
    async run(sent) {
      const error = deserialiseError(Object(sent) as SerialisedError);
      if (!(error instanceof Error)) throw new Error('it is no error');
      serialiseError(error);
      return 'answer';
    },
  }),
};

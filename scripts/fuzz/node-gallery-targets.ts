import { clusterFaces } from '../../lib/clustering/cluster.ts';
import { compareEmbeddings } from '../../lib/comparison/compare.ts';
import { seeded } from '../../lib/core/random.ts';
import { Gallery } from '../../lib/gallery/gallery.ts';
import { Head } from '../../lib/training/head/head.ts';
import { trainHead } from '../../lib/training/head/train-head.ts';
import { hostileNumbers, hostileValue, int, mutateJson, mutateText, pick } from './mutate.ts';
import { errorCode, isAllFinite } from './node-checks.ts';
import { type NodeTarget, nodeTarget } from './target.ts';

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
const openGallery = () =>
  Gallery.open({ name: 'fuzz', storage: 'memory', facenet: { rule: structuredClone(rule) as never } });
const face = { embedding: Float32Array.of(0.5, 0.5, 0.5, 0.5), model: 'test' };
const gallery = await openGallery();
await gallery.enrol({ name: 'Ada', metadata: { team: 7 } }, face, {
  crop: new Blob(['pixels'], { type: 'image/png' }),
});
const plainExport = await (await gallery.export()).text();
const sealedExport = await (await gallery.export({ passphrase: 'sesame' })).text();

const normal = seeded(7);
const embeddingOf = (person: number) => Float32Array.from({ length: 4 }, (_, i) => Number(i === person) + normal() / 5);
const examples = [0, 0, 1, 1, 2, 2, 3, 3].map((person) => ({ embedding: embeddingOf(person), model: 'test', person }));
const head = await trainHead(examples, { worker: false, epochs: 2 });
const savedHead = await (await head.save()).text();

/** Exports of galleries, embeddings, and heads. */
export const targets: Record<string, NodeTarget> = {
  gallery: nodeTarget<{ sealed: boolean; text: string }>({
    limitMs: 10_000,
    make(random) {
      const sealed = random() < 0.2;
      const text = sealed ? sealedExport : plainExport;
      if (random() < 0.3) return { sealed, text: mutateText(random, text) };
      return { sealed, text: JSON.stringify(mutateJson(random, JSON.parse(text))) };
    },
    async run({ sealed, text }) {
      await using target = await openGallery();
      await target.enrol({ name: 'Bob' }, { ...face, embedding: Float32Array.of(1, 0, 0, 0) });
      try {
        await target.import(new Blob([text]), sealed ? { passphrase: 'sesame' } : {});
      } catch (error) {
        const code = errorCode(error);
        if ((await target.list()).length !== 1) throw new Error('a rejected import changed the gallery');
        return code;
      }
      // The imported people must be usable.
      for (const { name, faces } of await target.list()) {
        if (typeof name !== 'string' || !Array.isArray(faces)) throw new Error('a person is incomplete');
      }
      const { match, candidates } = await target.identify({ ...face, embedding: Float32Array.of(1, 0, 0, 0) });
      if (match?.person.name !== 'Bob') throw new Error('Bob is no longer identified');
      if (!candidates.every(({ distance }) => Number.isFinite(distance))) throw new Error('a distance is not finite');
      await target.export();
      return 'answer';
    },
  }),
  embeddings: nodeTarget<{ method: string; embedding: unknown; face: unknown; options: unknown }>({
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
      await using target = await openGallery();
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
        outcome = errorCode(error);
      }
      const { candidates } = await target.identify(face);
      if (!candidates.some(({ person }) => person.name === 'Ada')) throw new Error('Ada is no longer identified');
      if (!isAllFinite(candidates)) throw new Error('a candidate is not finite');
      return outcome;
    },
  }),
  head: nodeTarget<string>({
    limitMs: 5000,
    make: (random) =>
      random() < 0.3 ? mutateText(random, savedHead) : JSON.stringify(mutateJson(random, JSON.parse(savedHead))),
    async run(text) {
      try {
        const loaded = await Head.load(new Blob([text]));
        if (!isAllFinite(loaded.apply(face).embedding)) throw new Error('an embedding is not finite');
        return 'answer';
      } catch (error) {
        return errorCode(error);
      }
    },
  }),
};

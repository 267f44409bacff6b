import type * as Library from '../../lib/index.ts';
import { hostileImage } from './images.ts';
import { hostileNumbers, hostileValue, int, mutateJson, pick, type Random } from './mutate.ts';
import { errorCode, isAllFinite, loadFaceNet } from './page-globals.ts';
import { type PageTarget, pageTarget, toBase64 } from './target.ts';

const hostileNumber = (random: Random) => (random() < 0.7 ? random() * 100 - 20 : pick(random, hostileNumbers));

/** A face with hostile numbers. */
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

/** Images, faces and options given to the public API. */
export const faceTargets: Record<string, PageTarget> = {
  images: pageTarget<{ name: string; base64: string }>({
    limitMs: 60_000,
    make(random) {
      const { name, bytes } = hostileImage(random);
      return { name, base64: toBase64(bytes) };
    },
    prepare: loadFaceNet,
    async run({ base64 }) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      try {
        const faces = await fuzz.facenet.embed(new Blob([bytes]), { thorough: false, minSize: 30 });
        // No seed shows a face, but a false detection must be valid too.
        if (!faces.every(({ embedding }) => embedding.every(Number.isFinite)))
          throw new Error('an embedding is not finite');
        return 'answer';
      } catch (error) {
        return errorCode(error);
      }
    },
  }),
  faces: pageTarget<{
    method: string;
    face: unknown;
    options: unknown;
    size: [number, number];
    labelled: boolean;
    embedding: number[];
    model: unknown;
    crop: object;
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
        // Added later, and therefore drawn last: the seeds of earlier findings must generate the same cases.
        labelled: random() < 0.7,
        embedding: Array.from({ length: random() < 0.9 ? 128 : int(random, 200) }, () =>
          random() < 0.99 ? random() * 2 - 1 : pick(random, hostileNumbers),
        ),
        model: random() < 0.8 ? 'mobilefacenet' : hostileValue(random),
        crop: {
          ...(random() < 0.7 && {
            template: pick<unknown>(random, ['dlib', 'arcface', 'facenet', hostileValue(random)]),
          }),
          ...(random() < 0.7 && { size: pick<unknown>(random, [1, 112, 4096, number(), hostileValue(random)]) }),
        },
      };
    },
    prepare: loadFaceNet,
    async run({ method, face, options, size, labelled, embedding, model, crop }) {
      const { facenet } = fuzz;
      const picture = new ImageData(...size).data.fill(120);
      const source = new ImageData(picture, ...size);
      const { dimension } = facenet.rule;
      /** The seeds of earlier findings generate 128 elements, the dimension of the embedder at their time. */
      const elements = () =>
        Float32Array.from(
          { length: embedding.length === 128 ? dimension : embedding.length },
          (_, i) => embedding[i % embedding.length] as number,
        );
      try {
        const given = face as Library.Face;
        const asked = options as object;
        const calls: Record<string, () => unknown> = {
          landmarks: () => facenet.landmarks(source, given),
          align: () => facenet.align(source, given, typeof asked === 'object' && asked ? { ...crop, ...asked } : asked),
          embed: () => facenet.embed(source, asked),
          embedFace: () => facenet.embed(source, given),
          detect: () => facenet.detect(source, asked),
          compare: () =>
            facenet.compare(
              Float32Array.from({ length: dimension }, () => given.roll),
              (labelled ? { embedding: elements(), model } : given) as never,
              asked,
            ),
        };
        const answer = await calls[method]?.();
        if (!isAllFinite(answer))
          throw new Error(`the answer has numbers that are not finite: ${JSON.stringify(answer)}`);
        return 'answer';
      } catch (error) {
        return errorCode(error);
      }
    },
  }),
  liveness: pageTarget<{ face: unknown; size: [number, number] }>({
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
      const liveness = await Liveness.load({ models: '/models/' });
      Object.assign(globalThis, { fuzz: { library, liveness, calls: 0, fault: '' } });
    },
    async run({ face, size }) {
      const source = new ImageData(new ImageData(...size).data.fill(120), ...size);
      try {
        const scores = await fuzz.liveness.score(source, face as Library.Face);
        const isValid = ({ antispoof, liveness }: typeof scores) =>
          [antispoof, liveness].every((score) => score >= 0 && score <= 1);
        if (![scores].flat().every(isValid)) throw new Error(`invalid scores: ${JSON.stringify(scores)}`);
        return 'answer';
      } catch (error) {
        return errorCode(error);
      }
    },
  }),
};

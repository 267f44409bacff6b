import type * as Library from '../../lib/index.ts';
import { hostileValue, int, mutateBytes, pick, type Random } from './mutate.ts';
import { errorCode, importLibrary } from './page-globals.ts';
import { type PageTarget, pageTarget, toBase64 } from './target.ts';

/** What `models` is: absent, a hostile value, or folders and functions, of which the earlier takes precedence. */
type ModelsKind = 'absent' | 'hostile' | 'folder' | 'function' | 'list';

/** What a function in `models` returns for the file that is hostile. */
type AnswerKind = 'bytes' | 'blob' | 'response' | 'status' | 'throw' | 'value';

interface LoadCase {
  options: unknown;
  kind: ModelsKind;
  /** `models` if its kind is `hostile`, and what the function returns for `value`. */
  value: unknown;
  answer: AnswerKind;
  /** The bytes that the function returns, in base64. */
  base64: string;
  /** The file that the function changes, by the number of its call; it returns the others as they are. */
  changed: number;
}

/** Values of each option that are valid alone or in another combination. */
const plausible = {
  preset: ['fast', 'balanced', 'accurate'],
  backend: ['auto', 'wasm'],
  detector: ['blazeface-full', 'mtcnn', 'viola-jones', 'hog-svm', 'facemesh-468'],
  landmarker: ['facemesh-468', 'face-api-68', 'detector', 'mtcnn'],
  embedder: ['mobilefacenet', 'mobilefacenet-dlib', 'dlib-resnet-34', 'facemesh-468'],
  detectorModel: ['', '{}', '<opencv_storage/>'],
  worker: [true, false],
  threads: [1, 2, 16],
} as const;

function hostileOptions(random: Random): unknown {
  if (random() < 0.05) return hostileValue(random);
  const chosen = Object.entries(plausible).filter(() => random() < 0.3);
  return Object.fromEntries(
    chosen.map(([name, values]) => [name, random() < 0.75 ? pick<unknown>(random, values) : hostileValue(random)]),
  );
}

/** The options of `FaceNet.load()`, with functions as `models`. */
export const loadTargets: Record<string, PageTarget> = {
  'load-options': pageTarget<LoadCase>({
    limitMs: 90_000,
    make: (random) => ({
      options: hostileOptions(random),
      kind: pick(random, ['absent', 'hostile', 'folder', 'function', 'function', 'list']),
      value: hostileValue(random),
      answer: pick(random, ['bytes', 'blob', 'response', 'status', 'throw', 'value']),
      base64: toBase64(
        mutateBytes(
          random,
          new Uint8Array(200).map(() => int(random, 256)),
        ),
      ),
      changed: int(random, 12),
    }),
    prepare: importLibrary,
    async run({ options, kind, value, answer, base64, changed }) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const answers: Record<AnswerKind, () => unknown> = {
        bytes: () => bytes,
        blob: () => new Blob([bytes]),
        response: () => new Response(bytes),
        status: () => new Response(bytes, { status: 500 }),
        throw: () => {
          throw value;
        },
        value: () => value,
      };
      let calls = 0;
      const readFile = (path: string) => (calls++ === changed ? answers[answer]() : fetch(`/models/${path}`));
      const models: Record<ModelsKind, unknown> = {
        absent: undefined,
        hostile: value,
        folder: '/models/?token=1',
        function: readFile,
        list: [readFile, '/models/'],
      };
      let facenet: Library.FaceNet | undefined;
      try {
        const given = typeof options === 'object' ? { models: models[kind], ...options } : options;
        facenet = await fuzz.library.FaceNet.load(given as Library.LoadOptions);
        const faces = await facenet.embed(new ImageData(64, 48), { thorough: false, minSize: 30, maxFaces: 1 });
        if (!Array.isArray(faces)) throw new Error('not a list of faces');
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

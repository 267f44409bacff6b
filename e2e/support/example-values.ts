// The values of the examples of evaluation, training and the photo library, which examples-context.d.ts declares. Each function runs
// in the page, after `prepare` of snippets.spec.ts.
import type { ComparedFaces, FoldedPair } from '../../lib/evaluation/index.ts';
import type { EmbeddedFace, FaceNet } from '../../lib/index.ts';

/** A sample photo of the demo, and who is in it from left to right. */
export interface LabelledPhoto {
  url: string;
  people: readonly string[];
}

/** Labelled faces, and what the examples call their parts. */
interface LabelledValues {
  faces: EmbeddedFace[];
  people: string[];
  labels: string[];
  embeddings: Float32Array[];
  compared: ComparedFaces;
  pairs: FoldedPair[];
}

/** Adds the faces of sample photos with their people, in the order of the people, and all their pairs. */
export async function addLabelledFaces(photos: readonly LabelledPhoto[]): Promise<void> {
  const state = globalThis as unknown as { facenet: FaceNet; labelled?: LabelledValues };
  state.labelled ??= await embedLabelled();
  Object.assign(globalThis, state.labelled);

  async function embedLabelled(): Promise<LabelledValues> {
    const address = '/dist/evaluation.js';
    const { compareFaces } = (await import(address)) as typeof import('../../lib/evaluation/index.ts');
    const found: { face: EmbeddedFace; person: string; photo: LabelledPhoto }[] = [];
    for (const photo of photos) {
      const own = await state.facenet.embed(await (await fetch(photo.url)).blob(), { order: 'position' });
      if (own.length !== photo.people.length) throw new Error(`${photo.url} has ${own.length} faces.`);
      for (const [i, face] of own.entries()) found.push({ face, person: photo.people[i] as string, photo });
    }
    found.sort((a, b) => a.person.localeCompare(b.person));
    const faces = found.map(({ face }) => face);
    const people = found.map(({ person }) => person);
    const evaluated = found.map(({ face: { embedding, quality }, person, photo }) => {
      const cohort = photo.people.length > 1 ? 'groups' : 'portraits';
      return { person, embedding, quality, cohort, photo: photo.url };
    });
    const compared = compareFaces(evaluated, library.cosineDistance);
    return {
      ...{ faces, people, compared, pairs: inTwoFolds(compared) },
      // Four pictures of each face, as a training set has.
      labels: people.flatMap((person) => [person, person, person, person]),
      embeddings: faces.map(({ embedding }) => embedding),
    };
  }

  /** All pairs, those of one person and those of two each in both folds. */
  function inTwoFolds({ personOf, distance }: ComparedFaces): FoldedPair[] {
    const counts = { true: 0, false: 0 };
    return personOf.flatMap((person, i) =>
      personOf.slice(0, i).map((other, j) => {
        const same = person === other;
        const fold = 1 + (counts[`${same}`]++ % 2);
        return { fold, same, distance: distance(i, j) };
      }),
    );
  }
}

/** Adds TensorFlow.js and, for the examples that need them, a network with random weights and three pictures of faces. */
export async function addTensorFlow(withNetwork: boolean): Promise<void> {
  const address = '/dist/training.js';
  const training = (await import(address)) as typeof import('../../lib/training/index.ts');
  const { tf } = await training.startTensorFlow({ backend: 'wasm', models: '/models/' });
  Object.assign(globalThis, { tf });
  if (!withNetwork) return;
  const architecture = training.architectures.nns2;
  const [height, width] = architecture.input;
  const crops = globalThis as unknown as { crop: ImageData; otherCrop: ImageData };
  const pictures = tf.tidy(() => {
    const [face, other] = [crops.crop, crops.otherCrop].map((crop) => {
      const pixels = tf.image.resizeBilinear(tf.browser.fromPixels(crop), [height, width]);
      return tf.div(tf.sub(pixels, 127.5), 128);
    }) as [ReturnType<typeof tf.tensor3d>, ReturnType<typeof tf.tensor3d>];
    return tf.stack([face, tf.reverse(face, 1), other]);
  });
  Object.assign(globalThis, { network: await training.buildNetwork(tf, architecture), pictures });
}

/** Replaces the module `library` by a photo library of sample photos, until `tidyUp` is called. */
export async function addPhotoLibrary(urls: readonly string[]): Promise<void> {
  const address = '/dist/library.js';
  const { Library } = (await import(address)) as typeof import('../../lib/library/index.ts');
  const state = globalThis as unknown as { facenet: FaceNet; library: unknown; tidyUp: () => Promise<void> };
  const opened = await Library.open({ name: 'examples', facenet: state.facenet, storage: 'memory' });
  const files = urls.map(async (url) => {
    const blob = await (await fetch(url)).blob();
    return new File([blob], url.split('/').at(-1) as string, { type: blob.type });
  });
  await opened.add(await Promise.all(files));
  const { library: replaced, tidyUp } = state;
  state.library = opened;
  state.tidyUp = async () => {
    state.library = replaced;
    await opened.close();
    await tidyUp();
  };
}

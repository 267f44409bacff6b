import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { FaceNet as FaceNetClass, LandmarkedFace } from '../../lib/index.ts';
import type { NetworkStep, TensorFlowCore } from '../../lib/training/index.ts';

/** The result of {@link trainInPage}. */
export interface Trained {
  steps: NetworkStep[];
  milliseconds: number;
  /** The embedding of each held-out photo before and after the training; null if no face was found. */
  before: (number[] | null)[];
  after: (number[] | null)[];
}

/** The size of a network's input. */
interface InputSize {
  height: number;
  width: number;
}

/** The functions that {@link trainInPage} calls, for definePageFunctions. */
export const trainingFunctions = { readCrops, standardisedCrop, stackCrops, readExamples };

/** Runs in the page: trains NNS2 with random weights on the photos, on WebGL, and calls the global `report` in each step. */
export async function trainInPage(given: {
  training: { address: string; person: string }[];
  heldOut: string[];
  steps: number;
  batch: { people: number; faces: number };
}): Promise<Trained> {
  const [{ FaceNet }, training] = (await Promise.all(
    ['facenet-web', 'training'].map((name) => import(`/dist/${name}.js`)),
  )) as [typeof import('../../lib/index.ts'), typeof import('../../lib/training/index.ts')];
  const [height, width] = training.architectures.nns2.input;
  const facenet = await FaceNet.load({ models: '/models/', preset: 'fast' });
  const size = { height, width };
  const examples = await readExamples(facenet, given.training, size);
  const heldOut = await readCrops(facenet, given.heldOut, size);
  await facenet.dispose();
  const { tf } = await training.startTensorFlow({ backend: 'webgl' });
  const network = await training.buildNetwork(tf, training.architectures.nns2);
  const tensorOf = (crops: readonly Float32Array[]) => stackCrops(tf, crops, size);
  const embedHeldOut = async () => {
    const found = heldOut.flatMap((crop) => (crop ? [crop] : []));
    const rows: number[][] = [];
    for (let from = 0; from < found.length; from += 32) {
      const pictures = tensorOf(found.slice(from, from + 32));
      const embeddings = network.embed(pictures);
      rows.push(...(await embeddings.array()));
      tf.dispose([pictures, embeddings]);
    }
    return heldOut.map((crop) => (crop ? (rows.shift() as number[]) : null));
  };
  const before = await embedHeldOut();
  const steps: NetworkStep[] = [];
  const start = performance.now();
  const data = {
    labels: examples.map(({ person }) => person),
    pictures: (indices: readonly number[]) =>
      tensorOf(indices.map((index) => (examples[index] as (typeof examples)[0]).crop)),
  };
  await training.trainNetwork(tf, network, data, {
    steps: given.steps,
    batch: given.batch,
    onStep(step) {
      steps.push(step);
      (globalThis as unknown as { report: (done: number) => void }).report(step.step);
    },
  });
  const milliseconds = performance.now() - start;
  return { steps, milliseconds, before, after: await embedHeldOut() };
}

/** Runs in the page: the training data, without photos in which no face was found. */
async function readExamples(
  facenet: FaceNetClass,
  photos: readonly { address: string; person: string }[],
  size: InputSize,
): Promise<{ person: string; crop: Float32Array }[]> {
  const addresses = photos.map(({ address }) => address);
  const crops = await readCrops(facenet, addresses, size);
  return photos.flatMap(({ person }, i) => {
    const crop = crops[i];
    return crop ? [{ person, crop }] : [];
  });
}

/** Runs in the page: crops as one tensor. */
function stackCrops(tf: TensorFlowCore, crops: readonly Float32Array[], { height, width }: InputSize): Tensor4D {
  const values = new Float32Array(crops.length * height * width * 3);
  for (const [i, crop] of crops.entries()) values.set(crop, i * crop.length);
  return tf.tensor4d(values, [crops.length, height, width, 3]);
}

/** Runs in the page: the input of the network for each photo; undefined if no face was found. */
async function readCrops(
  facenet: FaceNetClass,
  addresses: readonly string[],
  size: InputSize,
): Promise<(Float32Array | undefined)[]> {
  const faces: Record<string, LandmarkedFace | null> = await (await fetch('/experiments/faces.json')).json();
  const crops: (Float32Array | undefined)[] = [];
  for (const address of addresses) {
    const face = faces[address];
    crops.push(face ? await standardisedCrop(facenet, address, face, size) : undefined);
  }
  return crops;
}

/** Runs in the page: the centre columns of the aligned crop, standardised. */
async function standardisedCrop(
  facenet: FaceNetClass,
  address: string,
  face: LandmarkedFace,
  { height, width }: InputSize,
): Promise<Float32Array> {
  const bitmap = await createImageBitmap(await (await fetch(address)).blob());
  const { data } = await facenet.align(bitmap, face, { size: height });
  bitmap.close();
  const left = (height - width) / 2;
  return Float32Array.from({ length: height * width * 3 }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / 3), i % 3];
    const at = Math.floor(pixel / width) * height + left + (pixel % width);
    return ((data[at * 4 + channel] as number) - 127.5) / 128;
  });
}

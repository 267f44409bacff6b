import { FaceNetError } from '../core/errors.ts';
import { boxCentre } from '../core/math.ts';
import type { Box, ImageSource, Pixels } from '../core/types.ts';
import { squareCrop } from '../image/affine.ts';
import { openPicture } from '../image/picture.ts';
import type { PixelSource } from '../image/pixel-source.ts';
import { warp } from '../image/warp.ts';
import type { LivenessDescriptor } from '../models/manifest.ts';
import { isBox } from '../pipeline/valid-faces.ts';
import type { Network } from '../runtime/network.ts';

/** The scores of a face, each from one network: 0 (classified as an attack) to 1 (classified as live). */
export interface PassiveScore {
  /** The score of Human's network `antispoof`, which was trained on photomontages. */
  antispoof: number;
  /** The score of Human's network `liveness`. */
  liveness: number;
}

/** The two networks, by the score that each computes. */
export type PassiveNetworks = Record<keyof PassiveScore, Network>;

/** Runs both networks on the crops of faces in a picture. @returns the scores in the order of the boxes. */
export async function scoreFaces(
  source: ImageSource,
  boxes: readonly Box[],
  networks: PassiveNetworks,
  signal: AbortSignal | undefined,
): Promise<PassiveScore[]> {
  const picture = await openPicture(source, signal);
  try {
    const antispoof = await runNetwork(networks.antispoof, picture, boxes, signal);
    const liveness = await runNetwork(networks.liveness, picture, boxes, signal);
    return boxes.map((_, i) => ({ antispoof: antispoof[i] as number, liveness: liveness[i] as number }));
  } finally {
    picture.close();
  }
}

/** The box of a face. @throws {FaceNetError} `option-invalid` if it has none. */
export function checkedBox(face: { box: Box } | undefined): Box {
  const box = face?.box;
  if (isBox(box)) return box;
  throw new FaceNetError(
    'option-invalid',
    'The face has no box: pass a face that detect(), embed() or watch() returned for this picture.',
  );
}

async function runNetwork(
  network: Network,
  picture: PixelSource,
  boxes: readonly Box[],
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const descriptor = network.descriptor as LivenessDescriptor;
  const outputs = await network.run(crops(picture, boxes, descriptor), signal);
  return outputs.map(([output]) => output?.[descriptor.score] as number);
}

/** The square crops that a network takes: each box's longer side, scaled as its descriptor says. */
function* crops(
  picture: PixelSource,
  boxes: readonly Box[],
  { crop, preprocessing: { width: size } }: LivenessDescriptor,
): Generator<Pixels> {
  for (const box of boxes) {
    const side = Math.max(box.width, box.height) * crop.scale;
    yield warp(picture, squareCrop(boxCentre(box), side, 0, size), size, size);
  }
}

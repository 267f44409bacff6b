import { vi } from 'vitest';
import { boxAround, boxCentre } from '../../../lib/core/math.ts';
import { intersectionOverUnion } from '../../../lib/core/overlap.ts';
import type { Box, Face } from '../../../lib/core/types.ts';
import type { LibraryFaceNet } from '../../../lib/library/index.ts';
import { InventedPeople, rule, unit } from './embeddings.ts';

/** The face of an invented person. */
interface ShownFace {
  person: number;
  box: Box;
  /** @default 0 */
  roll?: number;
}

/** The content of a photo, which its "bitmap" shows. */
interface Shown {
  faces: ShownFace[];
  /** Those of a crop. A photo has 1000 pixels. */
  width?: number;
  height?: number;
}

/** Node has no image decoder: a photo is the JSON of what it shows, and so is a crop of it. */
interface Bitmap extends Required<Shown> {
  close(): void;
}

const boxAt = (x: number): Box => ({ x, y: 100, width: 80, height: 80 });

interface PhotoOptions {
  modified?: number;
  note?: string;
  /** How the heads are turned, in radians. */
  roll?: number;
}

/** A photo of invented people, side by side. @param people undefined leaves a place empty. */
export function photo(
  name: string,
  people: readonly (number | undefined)[],
  { modified = 1, note = '', roll }: PhotoOptions = {},
): File {
  const faces = people.flatMap((person, i) =>
    person === undefined ? [] : [{ person, box: boxAt(100 + 200 * i), ...(roll !== undefined && { roll }) }],
  );
  return new File([JSON.stringify({ faces, name, note })], name, { type: 'image/jpeg', lastModified: modified });
}

/** A rotation, scaling and translation. */
interface Affine {
  a: number;
  b: number;
  e: number;
  f: number;
}

/** Moves the faces of a picture: turns them about its origin, and scales them. */
function transformed(faces: readonly ShownFace[], { a, b, e, f }: Affine): ShownFace[] {
  const scale = Math.hypot(a, b);
  return faces.map(({ person, box, roll = 0 }) => {
    const { x, y } = boxCentre(box);
    const centre = { x: a * x - b * y + e, y: b * x + a * y + f };
    return { person, box: boxAround(centre, box.width * scale, box.height * scale), roll: roll + Math.atan2(b, a) };
  });
}

async function decode(
  source: Blob | Bitmap,
  ...region: [] | [options: object] | [left: number, top: number, side: number, side: number, options?: object]
): Promise<Bitmap> {
  const shown = source instanceof Blob ? (JSON.parse(await source.text()) as Shown) : source;
  const { faces, width = 1000, height = 1000 } = shown;
  if (region.length < 2) return { faces, width, height, close() {} };
  const [left, top, side, , options] = region as [number, number, number, number, { resizeWidth?: number }?];
  const isShown = ({ box: { x, y } }: ShownFace) => x >= left && y >= top && x < left + side && y < top + side;
  const size = options?.resizeWidth ?? side;
  const scale = size / side;
  const cut = transformed(faces.filter(isShown), { a: scale, b: 0, e: -left * scale, f: -top * scale });
  return { faces: cut, width: size, height: size, close() {} };
}

class Canvas {
  readonly width: number;
  readonly height: number;
  #shown: ShownFace[] = [];

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }
  getContext() {
    let matrix: Affine = { a: 1, b: 0, e: 0, f: 0 };
    const append = ({ a, b, e, f }: Affine) => {
      matrix = {
        a: matrix.a * a - matrix.b * b,
        b: matrix.b * a + matrix.a * b,
        e: matrix.a * e - matrix.b * f + matrix.e,
        f: matrix.b * e + matrix.a * f + matrix.f,
      };
    };
    return {
      translate: (e: number, f: number) => append({ a: 1, b: 0, e, f }),
      rotate: (angle: number) => append({ a: Math.cos(angle), b: Math.sin(angle), e: 0, f: 0 }),
      scale: (factor: number) => append({ a: factor, b: 0, e: 0, f: 0 }),
      drawImage: (bitmap: Bitmap, x: number, y: number, width = bitmap.width) => {
        append({ a: width / bitmap.width, b: 0, e: x, f: y });
        this.#shown = transformed(bitmap.faces, matrix);
      },
    };
  }
  async convertToBlob() {
    const { width, height } = this;
    return new Blob([JSON.stringify({ faces: this.#shown, width, height })], { type: 'image/jpeg' });
  }
}

/** A FaceNet of an embedder, which counts the photos that it searched. */
export class CountingFaceNet implements LibraryFaceNet {
  searched = 0;
  embedded = 0;
  readonly rule: LibraryFaceNet['rule'];
  readonly identity: LibraryFaceNet['identity'];
  readonly models: LibraryFaceNet['models'];
  readonly detectionFiles: readonly string[];
  readonly #people: InventedPeople;

  constructor(
    embedder = 'mobilefacenet',
    { detector = 'blazeface', weights = 'ab', dimension = rule.dimension, detectionFiles = ['01', '02'] } = {},
  ) {
    this.detectionFiles = detectionFiles.map((byte) => byte.repeat(32));
    this.rule = { ...rule, model: embedder, dimension };
    this.identity = { sha256: [weights.repeat(32)], template: 'arcface' };
    this.models = { detector, landmarker: 'mesh', embedder };
    this.#people = new InventedPeople(embedder.length + weights.charCodeAt(0), 8);
  }

  embed = (async (source: unknown, face?: Face | object) => {
    const { faces } = source as Bitmap;
    if (face && 'box' in face) {
      this.embedded++;
      return this.#faceAt(faces, face);
    }
    this.searched++;
    return faces.map((shown) => this.#face(shown));
  }) as unknown as LibraryFaceNet['embed'];

  /** A face whose landmarks are found by its box and its roll. On a head that is turned otherwise they are misplaced. */
  #faceAt(faces: readonly ShownFace[], { box, roll }: Face) {
    const shown = faces.find((shown) => intersectionOverUnion(shown.box, box) > 0.5);
    if (!shown) throw new Error('No face is there.');
    return this.#face(shown, Math.cos(roll - (shown.roll ?? 0)) < 0.9 ? 100 : undefined);
  }

  #face({ person, box, roll = 0 }: ShownFace, spread?: number) {
    const quality = { overall: 0.9 };
    const values = this.#people.embedding(person, spread);
    const embedding = unit(Float32Array.from({ length: this.rule.dimension }, (_, i) => values[i] ?? 0));
    return { box, score: 0.9, roll, quality, embedding, model: this.rule.model };
  }
}

/** Replaces the image functions of the browser. */
export function stubImages(): void {
  vi.stubGlobal('createImageBitmap', decode);
  vi.stubGlobal('OffscreenCanvas', Canvas);
}

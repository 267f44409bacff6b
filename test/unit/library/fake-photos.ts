import { vi } from 'vitest';
import type { Box } from '../../../lib/core/types.ts';
import type { LibraryFaceNet } from '../../../lib/library/index.ts';
import { InventedPeople, rule, unit } from './embeddings.ts';

/** The content of a photo, which its "bitmap" shows: the faces of invented people. */
interface Shown {
  faces: { person: number; box: Box }[];
}

/** Node has no image decoder: a photo is the JSON of what it shows, and so is a crop of it. */
interface Bitmap extends Shown {
  width: number;
  height: number;
  close(): void;
}

const boxAt = (x: number): Box => ({ x, y: 100, width: 80, height: 80 });

/** A photo of invented people, side by side. @param people undefined leaves a place empty. */
export function photo(name: string, people: readonly (number | undefined)[], { modified = 1, note = '' } = {}): File {
  const faces = people.flatMap((person, i) => (person === undefined ? [] : [{ person, box: boxAt(100 + 200 * i) }]));
  return new File([JSON.stringify({ faces, name, note })], name, { type: 'image/jpeg', lastModified: modified });
}

async function decode(source: Blob | Bitmap, left?: number, top?: number, side?: number): Promise<Bitmap> {
  const { faces } = source instanceof Blob ? (JSON.parse(await source.text()) as Shown) : source;
  const [x, y] = [left ?? 0, top ?? 0];
  const size = side ?? 1000;
  const isShown = ({ box }: Shown['faces'][number]) => box.x >= x && box.y >= y && box.x < x + size && box.y < y + size;
  return { faces: faces.filter(isShown), width: size, height: size, close() {} };
}

class Canvas {
  #shown: Bitmap | undefined;
  getContext() {
    return { drawImage: (bitmap: Bitmap) => (this.#shown = bitmap) };
  }
  async convertToBlob() {
    return new Blob([JSON.stringify({ faces: this.#shown?.faces })], { type: 'image/jpeg' });
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

  embed = (async (source: unknown, face?: object) => {
    const { faces } = source as Bitmap;
    if (face && 'box' in face) {
      this.embedded++;
      return this.#face(faces[0] as Shown['faces'][number]);
    }
    this.searched++;
    return faces.map((shown) => this.#face(shown));
  }) as unknown as LibraryFaceNet['embed'];

  #face({ person, box }: Shown['faces'][number]) {
    const quality = { overall: 0.9 };
    const values = this.#people.embedding(person);
    const embedding = unit(Float32Array.from({ length: this.rule.dimension }, (_, i) => values[i] ?? 0));
    return { box, score: 0.9, roll: 0, quality, embedding, model: this.rule.model };
  }
}

/** Replaces the image functions of the browser. */
export function stubImages(): void {
  vi.stubGlobal('createImageBitmap', decode);
  vi.stubGlobal('OffscreenCanvas', Canvas);
}

import type { LibraryFaceNet } from '../../../lib/library/index.ts';
import { InventedPeople, rule } from './embeddings.ts';

/** An export of invented faces of some people, one of each photo, which are of no person of the library yet. */
export function exportedFaces({ identity }: LibraryFaceNet, count: number, people: number): Blob {
  const invented = new InventedPeople(77, people);
  const box = { x: 10, y: 10, width: 100, height: 100 };
  const photos = Array.from({ length: count }, (_, i) => {
    const embedding = Buffer.from(invented.embedding(i % people).buffer).toString('base64');
    const face = { box, score: 0.9, quality: 0.5 + (i % 97) / 200, embedding, confirmed: false, notAFace: false };
    const id = i.toString(16).padStart(64, '0');
    const size = { width: 400, height: 300, orientation: 1 };
    return { photo: { id, path: `${i}.jpg`, ...size, time: i, taken: false, indexed: '1', faces: [face] } };
  });
  const library = { ...rule, ...identity, photos: count };
  const lines = [{ format: 'facenet-library', version: 1 }, { library }, ...photos];
  return new Blob([lines.map((line) => JSON.stringify(line)).join('\n')]);
}

import type { LibraryFace, LibraryFile, LibraryPerson, LibraryPhoto } from 'facenet-web/library';

/** The data to export: who is in which photo. Embeddings are not exported, because they identify people. */
export interface AlbumExport {
  photos: LibraryPhoto[];
  /** Also detections that the user marked as no face. They are not exported. */
  faces: readonly LibraryFace[];
  /** Also hidden people, who are exported as such. */
  people: readonly LibraryPerson[];
  /** The files that could not be indexed. */
  unreadable: readonly LibraryFile[];
}

/** Formats the album as JSON: people with their faces, ungrouped faces, photos without a face, and unreadable photos. */
export function toJson({ photos, faces: detections, people, unreadable }: AlbumExport): string {
  const faces = realFaces(detections);
  const pathOf = new Map(photos.map(({ id, path }) => [id, path]));
  const describe = ({ photo, box, score, quality }: LibraryFace) => ({
    photo: pathOf.get(photo) ?? '',
    box: rounded(box),
    score: round(score, 3),
    quality: round(quality, 3),
  });
  const facesOf = new Map<number, LibraryFace[]>(people.map(({ number }) => [number, []]));
  const ungrouped: LibraryFace[] = [];
  for (const face of faces) (facesOf.get(face.person ?? 0) ?? ungrouped).push(face);
  const withFace = new Set(faces.map(({ photo }) => photo));
  const content = {
    people: people.map(({ number, name, hidden }) => ({
      id: number,
      name: name || null,
      hidden,
      faces: facesOf.get(number)?.map(describe) ?? [],
    })),
    ungrouped: ungrouped.map(describe),
    withoutFace: photos.filter(({ id }) => !withFace.has(id)).map(({ path }) => path),
    unreadable: unreadable.map(({ path, reason }) => ({ photo: path, reason: reason?.message ?? '' })),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Formats the album as CSV (RFC 4180), one row per face. Ungrouped faces have an empty person and name. */
export function toCsv({ photos, faces, people }: AlbumExport): string {
  const pathOf = new Map(photos.map(({ id, path }) => [id, path]));
  const personOf = new Map(people.map((person) => [person.number, person]));
  const rows = realFaces(faces).map(({ photo, box, score, quality, person = 0 }) => {
    const of = personOf.get(person);
    const { x, y, width, height } = rounded(box);
    const path = pathOf.get(photo) ?? '';
    const figures = [x, y, width, height, round(score, 3), round(quality, 3)];
    return [of?.number ?? '', of?.name ?? '', path, ...figures, String(of?.hidden ?? '')];
  });
  const head = ['person', 'name', 'photo', 'x', 'y', 'width', 'height', 'score', 'quality', 'hidden'];
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function realFaces(faces: readonly LibraryFace[]): readonly LibraryFace[] {
  return faces.filter(({ notAFace }) => !notAFace);
}

/** Quotes a cell if necessary, and prefixes text that a spreadsheet would read as a formula with an apostrophe. */
function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rounded({ x, y, width, height }: LibraryFace['box']) {
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

import type { PhotoFace } from './embed-photos.ts';
import type { Group } from './groups.ts';
import type { PhotoFile } from './photo-files.ts';

/** What is exported: who is in which photo. Embeddings stay in the page: they identify people. */
export interface Album {
  photos: readonly PhotoFile[];
  faces: readonly PhotoFace[];
  groups: readonly Group[];
  /** Photos that could not be read, by number, and why. */
  unreadable: ReadonlyMap<number, string>;
}

/** The album as JSON: people with their faces, faces in no group, photos without a face, photos that could not be read. */
export function toJson({ photos, faces, groups, unreadable }: Album): string {
  const pathOf = (photo: number) => photos[photo]?.path ?? '';
  const describe = (face: PhotoFace) => ({
    photo: pathOf(face.photo),
    box: rounded(face.box),
    score: round(face.score, 3),
    quality: round(face.quality.overall, 3),
  });
  const grouped = new Set(groups.flatMap(({ members }) => members));
  const withFace = new Set(faces.map(({ photo }) => photo));
  const content = {
    people: groups.map(({ id, name, members }) => ({
      id,
      name: name || null,
      faces: members.map((member) => describe(faces[member] as PhotoFace)),
    })),
    ungrouped: faces.filter((_, i) => !grouped.has(i)).map(describe),
    withoutFace: photos.flatMap(({ path }, i) => (withFace.has(i) || unreadable.has(i) ? [] : [path])),
    unreadable: [...unreadable].map(([photo, reason]) => ({ photo: pathOf(photo), reason })),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** The album as CSV (RFC 4180), a row for each face; those in no group have an empty person. */
export function toCsv({ photos, faces, groups }: Album): string {
  const groupOf = new Map(groups.flatMap((group) => group.members.map((face) => [face, group] as const)));
  const rows = faces.map(({ photo, box, score, quality }, i) => {
    const group = groupOf.get(i);
    const { x, y, width, height } = rounded(box);
    return [
      group?.id ?? '',
      group?.name ?? '',
      photos[photo]?.path ?? '',
      ...[x, y, width, height],
      round(score, 3),
      round(quality.overall, 3),
    ];
  });
  const head = ['person', 'name', 'photo', 'x', 'y', 'width', 'height', 'score', 'quality'];
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A cell that no spreadsheet takes for a formula. */
function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rounded({ x, y, width, height }: PhotoFace['box']) {
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

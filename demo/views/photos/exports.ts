import type { PhotoFace } from './embed-photos.ts';
import type { Group } from './groups.ts';
import type { PhotoFile } from './photo-files.ts';

/** The data to export: who is in which photo. Embeddings are not exported, because they identify people. */
export interface AlbumExport {
  photos: readonly PhotoFile[];
  faces: readonly PhotoFace[];
  groups: readonly Group[];
  /** Error messages of photos that could not be read, by the photo's index. */
  unreadable: ReadonlyMap<number, string>;
}

/** Formats the album as JSON: people with their faces, ungrouped faces, photos without a face, and unreadable photos. */
export function toJson({ photos, faces, groups, unreadable }: AlbumExport): string {
  const pathOf = (photo: number) => photos[photo]?.path ?? '';
  const describe = (face: PhotoFace) => ({
    photo: pathOf(face.photo),
    box: rounded(face.box),
    score: round(face.score, 3),
    quality: round(face.quality.overall, 3),
  });
  const grouped = new Set(groups.flatMap(({ members }) => members));
  const photosWithFace = new Set(faces.map(({ photo }) => photo));
  const content = {
    people: groups.map(({ id, name, members }) => ({
      id,
      name: name || null,
      faces: members.map((member) => describe(faces[member] as PhotoFace)),
    })),
    ungrouped: faces.filter((_, i) => !grouped.has(i)).map(describe),
    withoutFace: photos.flatMap(({ path }, i) => (photosWithFace.has(i) || unreadable.has(i) ? [] : [path])),
    unreadable: [...unreadable].map(([photo, reason]) => ({ photo: pathOf(photo), reason })),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Formats the album as CSV (RFC 4180), one row per face. Ungrouped faces have an empty person and name. */
export function toCsv({ photos, faces, groups }: AlbumExport): string {
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

/** Quotes a cell if necessary, and prefixes text that a spreadsheet would read as a formula with an apostrophe. */
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

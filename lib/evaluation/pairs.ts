/** A photo, as LFW names it. */
export interface Photo {
  /** The name of the person, as that of the folder. */
  name: string;
  /** The number among the person's photos, from 1. */
  number: number;
}

/** A pair of photos of the same person or of different people. */
export interface LabelledPair {
  /** The fold, from 1. */
  fold: number;
  /** Whether both photos show the same person. */
  same: boolean;
  /** The first photo. */
  a: Photo;
  /** The second photo. */
  b: Photo;
}

/**
 * Parses LFW's `pairs.txt`. The header holds the number of folds and the number of pairs of each kind per fold, or only
 * the latter for a single fold. Each fold lists its genuine pairs (`name number number`), then its impostor pairs
 * (`name number name number`), separated by tabs. (Huang et al., "Labeled Faces in the Wild", README of View 2)
 *
 * @param text the contents of the file.
 * @throws {SyntaxError} with the line number, for malformed text.
 *
 * @example
 * const listed = parsePairs(await file.text());
 * for (const { fold, same, a, b } of listed) show(fold, same, photoPath(a), photoPath(b));
 */
export function parsePairs(text: string): LabelledPair[] {
  const [header = '', ...lines] = text.trim().split(/\r?\n/);
  const counts = header.trim().split(/\s+/).map(Number);
  const perKind = counts.at(-1) ?? Number.NaN;
  const folds = counts.length > 1 ? (counts[0] as number) : 1;
  if (!counts.every((count) => Number.isInteger(count) && count > 0) || counts.length > 2) {
    throw new SyntaxError(`Line 1 is "${header}": it must hold the numbers of folds and pairs.`);
  }
  if (lines.length !== folds * perKind * 2) {
    throw new SyntaxError(`The file has ${lines.length} pairs: its header announces ${folds * perKind * 2}.`);
  }
  return lines.map((line, i) => {
    const fields = line.split('\t');
    const [name = '', second = '', third = '', fourth] = fields;
    const same = fields.length === 3;
    const a = { name, number: Number(second) };
    const b = same ? { name, number: Number(third) } : { name: third, number: Number(fourth) };
    if ((!same && fields.length !== 4) || !(a.number > 0 && b.number > 0)) {
      throw new SyntaxError(`Line ${i + 2} is not a pair: "${line}".`);
    }
    return { fold: Math.floor(i / (perKind * 2)) + 1, same, a, b };
  });
}

/**
 * The path of a photo within the images folder: `Ada_Lovelace/Ada_Lovelace_0001.jpg`.
 *
 * @param photo a photo of {@link parsePairs}.
 */
export function photoPath(photo: Photo): string {
  const { name, number } = photo;
  return `${name}/${name}_${String(number).padStart(4, '0')}.jpg`;
}

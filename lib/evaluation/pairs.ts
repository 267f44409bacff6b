/** A photo of a person, by LFW's naming. */
export interface Photo {
  name: string;
  /** The photo's number among the person's, from 1. */
  number: number;
}

/** A pair of photos to judge. */
export interface LabelledPair {
  /** The fold, from 1. */
  fold: number;
  same: boolean;
  a: Photo;
  b: Photo;
}

/**
 * Reads `pairs.txt` in LFW's format: a header with the number of folds and of pairs of each kind in a fold (or the latter
 * alone, for one fold); then for each fold lines of a name and two numbers, for one person, and lines of a name and a number
 * twice, for two people. (Huang et al., "Labeled Faces in the Wild", README of View 2)
 *
 * @throws {SyntaxError} with the line, when it is not in this format.
 */
export function parsePairs(text: string): LabelledPair[] {
  const [header = '', ...lines] = text.trim().split(/\r?\n/);
  const counts = header.trim().split(/\s+/).map(Number);
  const perKind = counts.at(-1) ?? Number.NaN;
  const folds = counts.length > 1 ? (counts[0] as number) : 1;
  if (!counts.every((count) => Number.isInteger(count) && count > 0) || counts.length > 2) {
    throw new SyntaxError(`line 1 should hold the number of folds and of pairs: "${header}"`);
  }
  if (lines.length !== folds * perKind * 2) {
    throw new SyntaxError(
      `${folds} folds of twice ${perKind} pairs need ${folds * perKind * 2} lines, not ${lines.length}`,
    );
  }
  return lines.map((line, i) => {
    const fields = line.split('\t');
    const [name = '', second = '', third = '', fourth] = fields;
    const same = fields.length === 3;
    const a = { name, number: Number(second) };
    const b = same ? { name, number: Number(third) } : { name: third, number: Number(fourth) };
    if ((!same && fields.length !== 4) || !(a.number > 0 && b.number > 0)) {
      throw new SyntaxError(`line ${i + 2} is no pair: "${line}"`);
    }
    return { fold: Math.floor(i / (perKind * 2)) + 1, same, a, b };
  });
}

/** Where a photo lies below the images folder: `Ada_Lovelace/Ada_Lovelace_0001.jpg`. */
export function photoPath({ name, number }: Photo): string {
  return `${name}/${name}_${String(number).padStart(4, '0')}.jpg`;
}

import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Dataset, folderDataset, type ListedPair, readLines } from './dataset.ts';

const folds = Array.from({ length: 10 }, (_, i) => i + 1);

/** The file that identifies CFP's layout, relative to its folder. */
export const cfpPairList = join('Protocol', 'Pair_list_P.txt');

/**
 * Opens the frontal-profile protocol of CFP. Protocol/Pair_list_F.txt and Pair_list_P.txt number the images, with paths
 * relative to Protocol/. Protocol/Split/FP/01 to 10 have same.txt and diff.txt: the number of a frontal image, a comma, and
 * that of a profile image. (Sengupta et al., "Frontal to Profile Face Verification in the Wild", 2016; layout by readers in
 * public repositories, not checked on the original files.)
 *
 * @throws {Error} if a file is missing or malformed.
 */
export function openCfp(data: string): Dataset {
  const frontal = readImageList(data, 'Pair_list_F.txt');
  const profile = readImageList(data, 'Pair_list_P.txt');
  const pairs = folds.flatMap((fold) =>
    [true, false].flatMap((same) => {
      const file = join('Split', 'FP', String(fold).padStart(2, '0'), same ? 'same.txt' : 'diff.txt');
      return readProtocolLines(data, file).map(({ line, where }): ListedPair => {
        const [first, second] = line.split(',').map(Number);
        const [a, b] = [frontal.get(first as number), profile.get(second as number)];
        if (!a || !b) throw new Error(`${where} is "${line}": it must hold two numbers of the image lists.`);
        return { fold, same, a, b };
      });
    }),
  );
  return folderDataset(data, { name: 'CFP-FP', pairs, personOf: personOfCfpFile, frame: 'image' });
}

/** The paths of the images of a list, relative to `data`, by their numbers. */
function readImageList(data: string, name: string): Map<number, string> {
  return new Map(
    readProtocolLines(data, name).map(({ line, where }) => {
      const [, number, path] = line.match(/^(\d+)\s+(\S+)$/) ?? [];
      if (!path) throw new Error(`${where} is "${line}": it must hold a number and a path.`);
      return [Number(number), relative(data, join(data, 'Protocol', path))];
    }),
  );
}

function readProtocolLines(data: string, name: string): { line: string; where: string }[] {
  const file = join(data, 'Protocol', name);
  if (!existsSync(file)) throw new Error(`${file} is missing. Unpack the whole data set CFP.`);
  return readLines(file);
}

/** The person's number in Data/Images/001/frontal/01.jpg. */
function personOfCfpFile(path: string): string | undefined {
  return path.match(/([^/]+)\/(?:frontal|profile)\/[^/]+$/)?.[1];
}

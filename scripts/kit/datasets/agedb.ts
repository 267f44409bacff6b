import { dirname } from 'node:path';
import { type Dataset, findImageFolder, folderDataset, type ListedPair, readLines } from './dataset.ts';

/** The names of the pairs files of AgeDB-30 that are in use. */
export const ageDbPairsFiles = ['agedb_30_pair.txt', 'agedb_30_pairs.txt', 'agedb_30_ann.txt'];

/**
 * Opens AgeDB-30 by its pairs file. A line is `IMAGE IMAGE LABEL` or `LABEL IMAGE IMAGE`; the label is 1 for the same
 * person, else 0. The original release has MATLAB protocols; these lists come with the aligned copies that public
 * repositories use. (Moschoglou et al., "AgeDB", 2017; layout not checked on the original files.)
 */
export function openAgeDb(file: string): Dataset {
  const pairs = readLines(file).map(({ line, where }) => parsePair(line, where));
  const folder = pairs[0] ? findImageFolder(dirname(file), pairs[0].a) : dirname(file);
  return folderDataset(folder, { name: 'AgeDB-30', pairs, personOf: personOfAgeDbFile, frame: 'image' });
}

function parsePair(line: string, where: string): ListedPair {
  const fields = line.split(/\s+/);
  const isLabel = (field?: string) => field === '0' || field === '1';
  const ordered = isLabel(fields[0]) ? [...fields.slice(1), fields[0]] : fields;
  const [a, b, label] = ordered;
  if (fields.length !== 3 || !a || !b || !isLabel(label)) {
    throw new Error(`${where} is "${line}": it must hold two image paths and a label, 0 or 1.`);
  }
  return { same: label === '1', a, b };
}

/** The name in an AgeDB file name, NUMBER_NAME_AGE_GENDER.jpg. */
function personOfAgeDbFile(path: string): string | undefined {
  return path.match(/(?:^|\/)\d+_([^/]+)_\d+_[fm]\.\w+$/)?.[1];
}

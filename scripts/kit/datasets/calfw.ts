import { dirname } from 'node:path';
import { type Dataset, findImageFolder, folderDataset, type ListedPair, readLines } from './dataset.ts';

/** The names of the pairs files of CALFW and CPLFW. */
export const crossLfwPairsFiles = ['pairs_CALFW.txt', 'pairs_CPLFW.txt'];

/**
 * Opens CALFW or CPLFW by its pairs file. A pair has two lines, `NAME_0001.jpg LABEL`. The label is 0 for different people,
 * else the fold of a genuine pair, from 1 to 10. (Zheng et al., "Cross-Age LFW", 2017; Zheng and Deng, "Cross-Pose LFW",
 * 2018; the files' layout by readers in public repositories, not checked on the original files.)
 */
export function openCrossLfw(file: string): Dataset {
  const pairs = readCrossLfwPairs(file);
  const name = file.includes('CPLFW') ? 'CPLFW' : 'CALFW';
  const folder = pairs[0] ? findImageFolder(dirname(file), pairs[0].a) : dirname(file);
  return folderDataset(folder, { name, pairs, personOf: personOfLfwFile, frame: 'lfw' });
}

function readCrossLfwPairs(file: string): ListedPair[] {
  const lines = readLines(file).map(({ line, where }) => {
    const [, path, label] = line.match(/^(.+\.\w+)\s+(\d+)$/) ?? [];
    if (!path || Number(label) > 10) {
      throw new Error(`${where} is "${line}": it must hold a file name and 0 or a fold from 1 to 10.`);
    }
    return { path, label: Number(label) };
  });
  if (lines.length % 2) throw new Error(`${file} has ${lines.length} lines: a pair has two. Download it again.`);
  return Array.from({ length: lines.length / 2 }, (_, i) => {
    const [a, b] = [lines[2 * i], lines[2 * i + 1]] as [(typeof lines)[0], (typeof lines)[0]];
    if (a.label !== b.label) throw new Error(`${file}: the two lines of pair ${i + 1} have different labels.`);
    return { same: a.label > 0, a: a.path, b: b.path, ...(a.label > 0 && { fold: a.label }) };
  });
}

/** The name in an LFW file name: Ada_Lovelace of Ada_Lovelace_0001.jpg. */
function personOfLfwFile(path: string): string | undefined {
  return path.match(/^(.+)_\d+\.\w+$/)?.[1];
}

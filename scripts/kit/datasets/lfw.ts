import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parsePairs, photoPath } from '../../../lib/evaluation/index.ts';
import { photoPathsOf, readPairs, requirePhotos } from '../lfw/pairs.ts';
import { type Dataset, findImageFolder, folderDataset } from './dataset.ts';

/**
 * Opens a folder with pairs.txt and images/NAME/NAME_0001.jpg, as in LFW.
 *
 * @throws {Error} if a file is missing.
 */
export function openLfw(data: string): Dataset {
  const pairs = readPairs(data);
  return {
    name: 'LFW',
    pairs: pairs.map((pair) => ({ ...pair, a: photoPath(pair.a), b: photoPath(pair.b) })),
    images: new Map(photoPathsOf(pairs).map((path) => [path, () => readFileSync(join(data, 'images', path))])),
    hasPeople: true,
    frame: 'lfw',
    aligned: false,
    requireImages: (paths) => requirePhotos(data, paths),
  };
}

/** The name of XQLFW's pairs file. */
export const xqlfwPairsFile = 'xqlfw_pairs.txt';

/**
 * Opens XQLFW by its pairs file, which has LFW's format. The images are NAME/NAME_0001.jpg. (Knoche et al., "Cross-Quality
 * LFW", 2021, and github.com/Martlgap/xqlfw; not checked on the original files.)
 */
export function openXqlfw(file: string): Dataset {
  const pairs = parsePairs(readFileSync(file, 'utf8')).map(({ fold, same, a, b }) => {
    return { fold, same, a: photoPath(a), b: photoPath(b) };
  });
  const folder = pairs[0] ? findImageFolder(dirname(file), pairs[0].a) : dirname(file);
  return folderDataset(folder, { name: 'XQLFW', pairs, personOf: (path) => path.split('/')[0], frame: 'lfw' });
}

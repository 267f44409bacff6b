import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ageDbPairsFiles, openAgeDb } from './agedb.ts';
import { crossLfwPairsFiles, openCrossLfw } from './calfw.ts';
import { cfpPairList, openCfp } from './cfp.ts';
import type { Dataset } from './dataset.ts';
import { openVerificationBin } from './insightface-bin.ts';
import { openLfw, openXqlfw, xqlfwPairsFile } from './lfw.ts';

/** How each layout is recognised: by a file in the folder of the data set. The first that exists counts. */
const layouts: { file: string; open: (file: string, folder: string) => Dataset }[] = [
  { file: 'pairs.txt', open: (_, folder) => openLfw(folder) },
  { file: xqlfwPairsFile, open: openXqlfw },
  ...crossLfwPairsFiles.map((file) => ({ file, open: openCrossLfw })),
  ...ageDbPairsFiles.map((file) => ({ file, open: openAgeDb })),
  { file: cfpPairList, open: (_, folder) => openCfp(folder) },
];

/**
 * Opens a data set and recognises its layout.
 *
 * @param path a folder in the layout of LFW, XQLFW, CALFW, CPLFW, AgeDB-30 or CFP, or a .bin file of InsightFace.
 * @throws {Error} if the path does not exist or has none of these layouts, and if a file of the data set is malformed.
 */
export function openDataset(path: string): Dataset {
  if (!existsSync(path))
    throw new Error(`${path} does not exist. --data is the folder or the .bin file of a data set.`);
  if (statSync(path).isFile()) return openVerificationBin(path);
  const layout = layouts.find(({ file }) => existsSync(join(path, file)));
  if (layout) return layout.open(join(path, layout.file), path);
  const files = layouts.map(({ file }) => file).join(', ');
  throw new Error(`${path} has no known pairs file. --data is a .bin file, or a folder with one of ${files}.`);
}

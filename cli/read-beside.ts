import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { pathBelow } from '../lib/models/manifest-path.ts';

/**
 * Reads files beside a model file, by their paths relative to its folder.
 *
 * @throws {Error} for a file, or the target of a link, outside that folder.
 */
export function readerBeside(model: string): (file: string) => Promise<Uint8Array> {
  return async (file) => {
    const folder = realpathSync(dirname(model));
    const path = pathBelow.test(file) ? realpathSync(join(folder, file)) : '';
    if (path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return readFileSync(path);
    throw new Error(
      `${model} names the weight file ${JSON.stringify(file)}: its files must lie beside ${basename(model)}.`,
    );
  };
}

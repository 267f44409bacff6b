import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { pathBelow } from '../lib/models/manifest-path.ts';

/** The maximum size of a weight file, in bytes. Face networks have up to 500 MB. */
const maxBytes = 2 ** 30;

/**
 * Reads files beside a model file, by their paths relative to its folder.
 *
 * @throws {Error} for a file, or the target of a link, outside that folder; for a path that does not exist or is not a file; for a file
 *   larger than a gibibyte.
 */
export function readerBeside(model: string): (file: string) => Promise<Uint8Array> {
  return async (file) => {
    const named = `${model} names the weight file ${JSON.stringify(file)}`;
    const folder = realpathSync(dirname(model));
    const isBelow = pathBelow.test(file);
    if (isBelow && !existsSync(join(folder, file))) {
      throw new Error(`${named}, which does not exist: copy it into the folder of ${basename(model)} too.`);
    }
    const path = isBelow ? realpathSync(join(folder, file)) : '';
    if (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      throw new Error(`${named}: its files must lie beside ${basename(model)}.`);
    }
    const status = statSync(path);
    if (!status.isFile() || status.size > maxBytes) {
      throw new Error(
        `${named}, which is not a file of at most ${maxBytes / 2 ** 20} MiB: use a network with smaller files.`,
      );
    }
    return readFileSync(path);
  };
}

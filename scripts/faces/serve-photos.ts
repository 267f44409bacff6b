import { createReadStream } from 'node:fs';
import { userPath } from '../kit/paths.ts';
import type { FolderHandler } from '../kit/server.ts';

/** Serves files by their index in a list: the page can fetch these and no others. */
export function photoHandler(files: readonly string[]): FolderHandler {
  return ({ url = '' }, response, next) => {
    const file = files[Number(url.slice(1))];
    if (file === undefined) return next();
    createReadStream(userPath(file))
      .on('error', () => response.destroy())
      .pipe(response);
  };
}

import { FaceNetError } from '../core/errors.ts';

/** The URLs of models folders, relative to the page's. An earlier folder has precedence. */
export type FolderAddresses = string | URL | readonly (string | URL)[];

/** The absolute URLs of models folders. @throws {FaceNetError} `option-invalid` for an invalid URL or an empty list. */
export function folderUrls(folders: FolderAddresses = 'models/'): string[] {
  const list = typeof folders === 'string' || 'href' in folders ? [folders] : folders;
  if (list.length === 0) throw new FaceNetError('option-invalid', 'models is an empty list: pass at least one URL.');
  return list.map((folder) => folderUrl(folder).href);
}

function folderUrl(folder: string | URL): URL {
  try {
    const url = new URL(folder, globalThis.document?.baseURI ?? globalThis.location?.href);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  } catch (cause) {
    throw new FaceNetError('option-invalid', `models is not a URL: "${folder}". Pass the URL of the models folder.`, {
      cause,
    });
  }
}

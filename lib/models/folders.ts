import { FaceNetError } from '../core/errors.ts';

/** The addresses of models folders, of which an earlier one comes first; relative ones start at the page. */
export type FolderAddresses = string | URL | readonly (string | URL)[];

/** The whole addresses of models folders. @throws {FaceNetError} `option-invalid` where one is none. */
export function folderUrls(bases: FolderAddresses = 'models/'): string[] {
  const list = typeof bases === 'string' || bases instanceof URL ? [bases] : bases;
  if (list.length === 0)
    throw new FaceNetError('option-invalid', 'models is an empty list: give at least one address.');
  return list.map((base) => folderUrl(base).href);
}

function folderUrl(base: string | URL): URL {
  try {
    const url = new URL(base, globalThis.document?.baseURI ?? globalThis.location?.href);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  } catch (cause) {
    throw new FaceNetError(
      'option-invalid',
      `models is not an address: "${base}". Pass the URL of the models folder.`,
      {
        cause,
      },
    );
  }
}

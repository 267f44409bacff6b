import { FaceNetError, type FaceNetErrorCode } from './errors.ts';

/** How the errors of a database are reported. */
export interface StorageErrorTexts {
  /** What the database holds, for the sentences: "gallery" or "library". */
  what: string;
  /** The end of the sentence about a full disk: what was not stored, and how to need less space. */
  full: string;
  /** The code of the error when a newer release wrote the database. */
  versionCode: FaceNetErrorCode;
}

/**
 * Makes the function that runs an operation on IndexedDB and converts its DOMException to a {@link FaceNetError}: `storage-full`,
 * `storage-unavailable` or the code for a newer version. Other errors pass unchanged.
 */
export function storageErrors(texts: StorageErrorTexts): <T>(operation: () => Promise<T>) => Promise<T> {
  return async (operation) => {
    try {
      return await operation();
    } catch (cause) {
      throw toFaceNetError(cause, texts);
    }
  };
}

/** @throws {DOMException} `SecurityError` in a browser without IndexedDB. */
export function requireIndexedDB(): void {
  if (typeof indexedDB === 'undefined') throw new DOMException('This browser has no IndexedDB.', 'SecurityError');
}

function toFaceNetError(cause: unknown, { what, full, versionCode }: StorageErrorTexts): unknown {
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : undefined;
  if (name === 'QuotaExceededError') {
    return new FaceNetError('storage-full', `The browser has no space left for the ${what}, and ${full}`, { cause });
  }
  if (name === 'VersionError') {
    return new FaceNetError(versionCode, `A newer release wrote this ${what}: update facenet-web to open it.`, {
      cause,
    });
  }
  if (cause instanceof DOMException) {
    return new FaceNetError(
      'storage-unavailable',
      `The browser does not allow the page to store a ${what} (${name}): open it with { storage: 'memory' } to use one that is not stored.`,
      { cause },
    );
  }
  return cause;
}

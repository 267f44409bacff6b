import { FaceNetError } from '../../lib/core/errors.ts';
import type { ReadModelFile } from '../../lib/models/folders.ts';
import type { ClassicalDescriptor, Manifest, ModelDescriptor } from '../../lib/models/manifest.ts';
import { utf8 } from './bytes.ts';

/**
 * A models folder in memory, with the models of one conversion alone.
 *
 * @returns a function that throws {FaceNetError} `model-missing` for other files.
 */
export function readFolderOf(
  descriptors: readonly (ModelDescriptor | ClassicalDescriptor)[],
  files: readonly { path: string; bytes: Uint8Array }[],
): ReadModelFile {
  const classical = descriptors.filter((descriptor) => 'kind' in descriptor);
  const models = descriptors.filter((descriptor): descriptor is ModelDescriptor => !('kind' in descriptor));
  const content: Manifest = { version: 1, models, ...(classical.length > 0 && { classical }), engines: [] };
  const manifest = utf8(JSON.stringify(content));
  return (path) => {
    const bytes = path === 'manifest.json' ? manifest : files.find((file) => file.path === path)?.bytes;
    if (bytes) return new Uint8Array(bytes);
    throw new FaceNetError('model-missing', `The converted model has no file "${path}": add another models folder.`);
  };
}

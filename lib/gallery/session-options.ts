import { checkedOptions, type OptionNames } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import { checkedName } from './checked-input.ts';
import { TemplateKey } from './crypto/rotation.ts';
import type { GalleryOptions } from './options.ts';
import type { SessionOptions } from './session-setup.ts';

const galleryOptionNames: OptionNames<GalleryOptions> = {
  ...{ name: true, facenet: true, storage: true, passphrase: true, templateKey: true, lockAfter: true },
  ...{ onChange: true, onBlocked: true, onExpire: true, removeUnseenAfter: true, log: true, repair: true },
};

/** Checks the options of `Gallery.open` and imports the template key. @throws {FaceNetError} `option-invalid` */
export async function sessionOptions(options: GalleryOptions): Promise<SessionOptions> {
  const { name, storage, facenet, templateKey, ...rest } = checkedGalleryOptions(options);
  const { passphrase, lockAfter, removeUnseenAfter, onExpire, onChange, onBlocked, signal } = rest;
  const { log = false, repair = false } = rest;
  return {
    ...{ name, storage, rule: facenet?.rule, passphrase, lockAfter, log, removeUnseenAfter, repair },
    ...{ onExpire, onChange, onBlocked, signal },
    templateKey: templateKey && (await TemplateKey.from(templateKey)),
  };
}

/** Checks the options, and completes the storage. */
function checkedGalleryOptions(options: GalleryOptions): GalleryOptions & { storage: 'indexeddb' | 'memory' } {
  const { name, storage = 'indexeddb', lockAfter } = checkedOptions(options, galleryOptionNames);
  checkedName(name);
  if (storage !== 'indexeddb' && storage !== 'memory') {
    throw new FaceNetError('option-invalid', `storage is "${storage}": use "indexeddb" or "memory".`);
  }
  // setTimeout takes a signed 32-bit delay; a larger one fires immediately.
  if (lockAfter !== undefined && !(lockAfter > 0 && lockAfter < 2 ** 31)) {
    throw new FaceNetError('option-invalid', `lockAfter is ${lockAfter}: use milliseconds, above 0 and below 2^31.`);
  }
  const { removeUnseenAfter } = options;
  if (removeUnseenAfter !== undefined && !(removeUnseenAfter > 0 && removeUnseenAfter < Number.POSITIVE_INFINITY)) {
    throw new FaceNetError('option-invalid', `removeUnseenAfter is ${removeUnseenAfter}: use milliseconds, above 0.`);
  }
  return { ...options, storage };
}

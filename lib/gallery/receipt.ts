import { sha256Hex } from '../core/sha256.ts';
import { utf8 } from './crypto/bytes.ts';

/** The proof that records were deleted. It holds random ids only: no name, no picture and no embedding. */
export interface ErasureReceipt {
  /** `removed`: on request; `expired`: by an expiry; `gallery-erased`: with the whole gallery. */
  reason: 'removed' | 'expired' | 'gallery-erased';
  /** When they were deleted. */
  erasedAt: Date;
  /** The ids of the people who were deleted; empty if only an enrolled face was. */
  people: string[];
  /** The ids of the enrolled faces that were deleted. */
  faces: string[];
  /** The number of stored crops that were deleted. */
  crops: number;
  /** SHA-256 in hexadecimal of the fields above as JSON, in this order. The log's entry about the erasure states it too. */
  digest: string;
}

/** What a receipt is made of. */
export type Erased = Omit<ErasureReceipt, 'digest'>;

/** Writes a receipt. */
export async function erasureReceipt(erased: Erased): Promise<ErasureReceipt> {
  return { ...erased, digest: await receiptDigest(erased) };
}

/**
 * The receipt of a whole gallery.
 *
 * @param records the ids of its records; undefined if they could not be read.
 */
export function galleryReceipt(
  records: { people: { id: string }[]; templates: { id: string }[]; crops: string[] } | undefined,
): Promise<ErasureReceipt> {
  const { people = [], templates = [], crops = [] } = records ?? {};
  return erasureReceipt({
    reason: 'gallery-erased',
    erasedAt: new Date(),
    people: people.map(({ id }) => id),
    faces: templates.map(({ id }) => id),
    crops: crops.length,
  });
}

/**
 * The digest of a receipt, for checking one that was stored elsewhere.
 *
 * @param erased a receipt; its own `digest` is ignored.
 * @returns SHA-256, as 64 hexadecimal digits.
 *
 * @example
 * const receipt = await gallery.remove(person.id);
 * console.assert((await receiptDigest(receipt)) === receipt.digest);
 */
export async function receiptDigest({ reason, erasedAt, people, faces, crops }: Erased): Promise<string> {
  return sha256Hex(utf8(JSON.stringify({ reason, erasedAt: erasedAt.toISOString(), people, faces, crops })));
}

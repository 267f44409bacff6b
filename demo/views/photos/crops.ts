import { useEffect, useState } from 'preact/hooks';
import { openedLibrary } from '../../app/library.ts';

/** The number of crops in memory: about 6 kB each. */
const maxCrops = 600;

/** The crops that were read last, by the number of the face. */
const crops = new Map<number, Blob>();

/** Reads the crop of a face. @returns undefined if the library has none. */
export async function cropOf(face: number): Promise<Blob | undefined> {
  const known = crops.get(face);
  if (known) return known;
  const crop = await openedLibrary()
    ?.crop(face)
    .catch(() => undefined);
  if (!crop) return undefined;
  const [oldest] = crops.keys();
  if (crops.size >= maxCrops && oldest !== undefined) crops.delete(oldest);
  crops.set(face, crop);
  return crop;
}

/** The crop of a face, once it is read. */
export function useCrop(face: number | undefined): Blob | undefined {
  const [crop, setCrop] = useState(face === undefined ? undefined : crops.get(face));
  useEffect(() => {
    let current = true;
    if (face === undefined) setCrop(undefined);
    else void cropOf(face).then((read) => current && setCrop(read));
    return () => {
      current = false;
    };
  }, [face]);
  return crop;
}

/** Forgets all crops. */
export function forgetCrops(): void {
  crops.clear();
}

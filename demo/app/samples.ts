import { DemoError } from './problems.ts';

/** A photo that comes with the demo. */
export interface Sample {
  /** 1 to 6. */
  number: number;
  address: string;
}

/** The sample photos, which demo/build/sample-photos.ts takes from @vladmandic/face-api. */
export const samples: readonly Sample[] = [1, 2, 3, 4, 5, 6].map((number) => ({
  number,
  address: `samples/sample${number}.jpg`,
}));

/** Fetches a sample as the file that a file input would give. */
export async function fetchSample({ number, address }: Sample, signal?: AbortSignal): Promise<File> {
  const response = await fetch(address, { signal: signal ?? null }).catch((cause) => {
    signal?.throwIfAborted();
    throw new DemoError('sampleMissing', { cause });
  });
  if (!response.ok) throw new DemoError('sampleMissing', { cause: `${address} answered ${response.status}.` });
  return new File([await response.blob()], `sample${number}.jpg`, { type: 'image/jpeg' });
}

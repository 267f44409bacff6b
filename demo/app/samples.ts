import { DemoError } from './demo-error.ts';

/** A photo that comes with the demo. */
export interface Sample {
  /** 1 to 6. */
  number: number;
  url: string;
}

/** The sample photos. demo/build/sample-photos.ts takes them from @vladmandic/face-api. */
export const samples: readonly Sample[] = [1, 2, 3, 4, 5, 6].map((number) => ({
  number,
  url: `samples/sample${number}.jpg`,
}));

/**
 * Downloads a sample photo as a `File`, as a file input would give it.
 *
 * @throws {DemoError} `sampleMissing` if the download fails.
 */
export async function fetchSample({ number, url }: Sample, signal?: AbortSignal): Promise<File> {
  const response = await fetch(url, { signal: signal ?? null }).catch((cause) => {
    signal?.throwIfAborted();
    throw new DemoError('sampleMissing', { cause });
  });
  if (!response.ok) throw new DemoError('sampleMissing', { cause: `${url}: HTTP status ${response.status}.` });
  return new File([await response.blob()], `sample${number}.jpg`, { type: 'image/jpeg' });
}

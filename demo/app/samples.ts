import { DemoError } from './demo-error.ts';

/** A photo that comes with the demo. */
export interface Sample {
  /** Its place in the list, from 1. 0 for {@link portraits}, which is not in the list. */
  number: number;
  /** The name of the file. */
  name: string;
  url: string;
}

/**
 * The files of the sample photos in demo/samples/. Several people are in two or three of them. `npm run samples` makes them, and
 * THIRD_PARTY.md lists their sources and terms.
 */
const files = [
  'astronaut',
  'officer',
  'man-webcam',
  'man-suit',
  'friends-bar',
  'friends-costumes',
  'friends-window',
  'astronaut-dim',
  'officer-print',
  'man-indoors',
  'cameraman',
];

/** The sample photos. */
export const samples: readonly Sample[] = files.map((file, i) => toSample(file, i + 1));

/** Three of the sample photos side by side, for the first picture of the demo and its sample video. */
export const portraits: Sample = toSample('portraits', 0);

/** The sample photo of a file. @throws {RangeError} if there is none. */
export function sampleNamed(file: string): Sample {
  const sample = samples.find(({ name }) => name === `${file}.jpg`);
  if (!sample) throw new RangeError(`There is no sample photo ${file}.`);
  return sample;
}

/**
 * Downloads a sample photo as a `File`, as a file input would give it.
 *
 * @throws {DemoError} `sampleMissing` if the download fails.
 */
export async function fetchSample({ name, url }: Sample, signal?: AbortSignal): Promise<File> {
  const response = await fetch(url, { signal: signal ?? null }).catch((cause) => {
    signal?.throwIfAborted();
    throw new DemoError('sampleMissing', { cause });
  });
  if (!response.ok) throw new DemoError('sampleMissing', { cause: `${url}: HTTP status ${response.status}.` });
  return new File([await response.blob()], name, { type: 'image/jpeg' });
}

function toSample(file: string, number: number): Sample {
  return { number, name: `${file}.jpg`, url: `samples/${file}.jpg` };
}

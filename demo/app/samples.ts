import { DemoError } from './demo-error.ts';

/** A photo that comes with the demo. */
export interface Sample {
  /** Its place in the list, from 1. 0 for {@link portraits}, which is not in the list. */
  number: number;
  /** The name of the file. */
  name: string;
  url: string;
  /** A name for each face, from left to right. Faces of the same name are of one person. */
  people: readonly string[];
}

/**
 * The files of the sample photos in demo/samples/, and who is in them. `npm run samples` makes them, and THIRD_PARTY.md lists their
 * sources and terms.
 */
const files: readonly [file: string, ...people: string[]][] = [
  ['astronaut', 'astronaut'],
  ['officer', 'officer'],
  ['man-webcam', 'man'],
  ['man-suit', 'man'],
  ['friends-bar', 'curls', 'redhead', 'ribbed-dress'],
  ['friends-costumes', 'bow', 'cat', 'redhead'],
  ['friends-window', 'green', 'purple', 'stripes', 'straps'],
  ['astronaut-dim', 'astronaut'],
  ['officer-print', 'officer'],
  ['man-indoors', 'man'],
  ['cameraman', 'cameraman'],
  ['man-sunglasses', 'man'],
  ['friends-party', 'cat', 'choker'],
];

/** The sample photos. */
export const samples: readonly Sample[] = files.map(([file, ...people], i) => toSample(file, i + 1, people));

/** Three of the sample photos side by side, for the first picture of the demo and its sample video. */
export const portraits: Sample = toSample('portraits', 0, ['astronaut', 'officer', 'redhead']);

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

function toSample(file: string, number: number, people: readonly string[]): Sample {
  return { number, people, name: `${file}.jpg`, url: `samples/${file}.jpg` };
}

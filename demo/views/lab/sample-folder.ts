import { fetchSample, samples } from '../../app/samples.ts';
import { withPath } from '../../ui/PhotoInput.tsx';

/** Two folds of two same-person and two different-person pairs, in the format of LFW's pairs.txt. */
const pairs = `2\t2
man\t1\t2
astronaut\t1\t2
man\t1\tofficer\t1
astronaut\t1\tcameraman\t1
man\t1\t3
officer\t1\t2
man\t2\tastronaut\t2
officer\t2\tcameraman\t1
`;

/** Downloads the sample photos of one person each, as a folder in LFW's layout: a folder per person, and pairs.txt. */
export async function sampleFolder(signal: AbortSignal): Promise<File[]> {
  const counts = new Map<string, number>();
  const files = [withPath(new File([pairs], 'pairs.txt', { type: 'text/plain' }), 'samples/pairs.txt')];
  for (const sample of samples) {
    const [person, ...others] = sample.people;
    if (person === undefined || others.length > 0) continue;
    const count = (counts.get(person) ?? 0) + 1;
    counts.set(person, count);
    const name = `${person}_${String(count).padStart(4, '0')}.jpg`;
    const photo = new File([await fetchSample(sample, signal)], name, { type: 'image/jpeg' });
    files.push(withPath(photo, `samples/${person}/${name}`));
  }
  return files;
}

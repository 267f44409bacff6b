/** A photo that comes with the demo. */
export interface Sample {
  address: string;
  /** What the photo shows, for those who cannot see it. */
  description: string;
}

/** The sample photos, which demo/sample-photos.ts takes from @vladmandic/face-api. */
export const samples: readonly Sample[] = [
  'three women at a bar, in costume',
  'three women on a sofa, looking down',
  'three women on a leather sofa, smiling',
  'four women in front of a violet wall',
  'five women on a staircase',
  'four women in front of a window',
].map((description, i) => ({ address: `samples/sample${i + 1}.jpg`, description }));

/** Fetches a sample as the Blob that a file input would give. */
export async function fetchSample({ address }: Sample, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(address, { signal });
  if (!response.ok)
    throw new Error('The sample photo could not be fetched: check your connection, or choose your own.');
  return response.blob();
}

/** Fills a strip with a button for each sample. */
export function fillSampleStrip(strip: HTMLElement, onChoose: (sample: Sample) => void): void {
  for (const [i, sample] of samples.entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.ariaPressed = 'false';
    button.dataset.sample = sample.address;
    button.addEventListener('click', () => onChoose(sample));
    const thumbnail = document.createElement('img');
    thumbnail.src = sample.address;
    thumbnail.alt = `Sample photo ${i + 1}: ${sample.description}`;
    thumbnail.decoding = 'async';
    button.append(thumbnail);
    strip.append(button);
  }
}

/** Marks the sample that is shown, or none. */
export function markSample(strip: HTMLElement, shown: Sample | undefined): void {
  for (const button of strip.querySelectorAll('button')) {
    button.ariaPressed = String(button.dataset.sample === shown?.address);
  }
}

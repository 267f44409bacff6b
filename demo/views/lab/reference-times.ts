import performance from '../../../docs/performance.md?raw';

/** The median and the range of repeated measurements, in milliseconds. */
export interface TimeSpread {
  median: number;
  min: number;
  max: number;
}

/** The machine of the reference measurements, as docs/performance.md describes it. */
export const referenceMachine = performance.match(/^Machine: (.*?);/m)?.[1] ?? '';

/**
 * Parses the times of a preset's stages in docs/performance.md, which `npm run bench` writes.
 *
 * @returns the times by stage. Empty if the document does not list the preset.
 */
export function referenceTimes(preset: string, document = performance): Record<string, TimeSpread> {
  const line = document.match(new RegExp(`^- \\*\\*${preset}\\*\\*: (.*)$`, 'm'))?.[1] ?? '';
  const times = line.matchAll(/(\w+) ([\d.]+) \(([\d.]+)–([\d.]+)\)/g);
  return Object.fromEntries(
    Array.from(times, ([, stage, median, min, max]) => [
      stage,
      { median: Number(median), min: Number(min), max: Number(max) },
    ]),
  );
}

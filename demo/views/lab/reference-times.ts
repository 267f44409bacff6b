import performance from '../../../docs/performance.md?raw';

/** A time as `npm run bench` states it, in milliseconds. */
export interface TimeSpread {
  median: number;
  least: number;
  most: number;
}

/** The machine that the stated figures were measured on, in the document's words. */
export const referenceMachine = performance.match(/^Machine: (.*?);/m)?.[1] ?? '';

/** The stated times of a preset's stages, out of docs/performance.md, which `npm run bench` writes. */
export function referenceTimes(preset: string, document = performance): Record<string, TimeSpread> {
  const line = document.match(new RegExp(`^- \\*\\*${preset}\\*\\*: (.*)$`, 'm'))?.[1] ?? '';
  const times = line.matchAll(/(\w+) ([\d.]+) \(([\d.]+)–([\d.]+)\)/g);
  return Object.fromEntries(
    Array.from(times, ([, stage, median, least, most]) => [
      stage,
      { median: Number(median), least: Number(least), most: Number(most) },
    ]),
  );
}

import { expect, test } from 'vitest';
import { decodingBudget } from '../../../lib/library/photos/decoding-budget.ts';
import { photosAtOnceOf } from '../../../lib/library/photos/pace.ts';
import { PhotoGate } from '../../../lib/library/photos/photo-gate.ts';

// The values that browsers state: 0.25 to 8 until 2025, 2 to 32 since (W3C Device Memory).
test.each([
  ['a phone of 512 MiB', { deviceMemory: 0.5, hardwareConcurrency: 4 }, 6.25e6, 2],
  ['a phone of 2 GiB', { deviceMemory: 2, hardwareConcurrency: 8 }, 25e6, 2],
  ['4 GiB', { deviceMemory: 4, hardwareConcurrency: 4 }, 50e6, 2],
  ['8 GiB or more', { deviceMemory: 8, hardwareConcurrency: 16 }, 100e6, 2],
  ['32 GiB', { deviceMemory: 32, hardwareConcurrency: 16 }, 100e6, 2],
  ['one processor core', { deviceMemory: 8, hardwareConcurrency: 1 }, 100e6, 1],
  ['Firefox and Safari, which state no memory', { hardwareConcurrency: 8 }, 50e6, 2],
  ['no navigator', undefined, 50e6, 2],
])('%s', (_, device, pixels, photos) => {
  const budget = decodingBudget(device);
  expect(budget).toEqual({ pixels, photos });
  expect(photosAtOnceOf({}, budget)).toBe(photos);
  expect(photosAtOnceOf({ pace: 'background' }, budget)).toBe(1);
});

test.each([
  [2, 12e6, 2],
  [2, 24e6, 1],
  [4, 24e6, 2],
  [4, 48e6, 1],
  [8, 48e6, 2],
  [8, 108e6, 1],
])('with %d GiB, photos of %d pixels are decoded %d at once', async (deviceMemory, pixels, expected) => {
  const gate = new PhotoGate(decodingBudget({ deviceMemory, hardwareConcurrency: 8 }).pixels);
  let [now, most] = [0, 0];
  const decode = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve));
    now--;
  };
  await Promise.all(Array.from({ length: 2 * expected }, () => gate.withinMemory(pixels, decode)));
  expect(most).toBe(expected);
});

/** Whether this is `npm run test:long`, which tests complete lists and long loops. */
export const isLong = process.env.LONG === '1';

/** All items in `npm run test:long`; otherwise `count` of them at equal distances, the first and the last included. */
export function sampled<Item>(items: readonly Item[], count: number): Item[] {
  if (isLong || items.length <= count) return [...items];
  const step = (items.length - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, i) => items[Math.round(i * step)] as Item);
}

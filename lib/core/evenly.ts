/** At most `count` items, evenly distributed over the list, because neighbours in a list of faces may be of one moment. */
export function evenly<Item>(items: readonly Item[], count: number): Item[] {
  const chosen = Math.min(count, items.length);
  return Array.from({ length: chosen }, (_, i) => items[Math.floor((i * items.length) / chosen)] as Item);
}

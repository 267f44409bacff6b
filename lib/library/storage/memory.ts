import type { Change, Key, ListOptions, Store } from './store.ts';
import { keyPaths, type TableName, type Tables, tableNames } from './tables.ts';

type Row = Record<string, unknown>;

/** Tables in memory, which last as long as the library is open. */
export function memoryStore(): Store {
  const tables = new Map(tableNames.map((name) => [name, new Map<Key, Row>()]));
  const table = (name: TableName) => tables.get(name) as Map<Key, Row>;
  const sorted = (
    name: TableName,
    { by = keyPaths[name], from, to, skip = 0, limit = Number.POSITIVE_INFINITY }: ListOptions,
  ) => {
    const value = (row: Row) => row[by] as Key;
    const within = (row: Row) =>
      // As in IndexedDB, a row without the property is not in its index.
      value(row) !== undefined && (from === undefined || value(row) >= from) && (to === undefined || value(row) <= to);
    const compare = (a: Row, b: Row) => Number(value(a) > value(b)) - Number(value(a) < value(b));
    return [...table(name).values()]
      .filter(within)
      .sort(compare)
      .slice(skip, skip + limit);
  };
  return {
    get: async <T extends TableName>(name: T, key: Key) => table(name).get(key) as Tables[T] | undefined,
    getAll: async <T extends TableName>(name: T, keys: readonly Key[]) =>
      keys.map((key) => table(name).get(key) as Tables[T] | undefined),
    list: async <T extends TableName>(name: T, options: ListOptions = {}) =>
      sorted(name, options) as unknown as Tables[T][],
    last: async <T extends TableName>(name: T) => sorted(name, {}).at(-1) as unknown as Tables[T] | undefined,
    count: async (name, range) => (range ? sorted(name, range).length : table(name).size),
    async commit(change: Change) {
      // A row that cannot be cloned must not leave half of a change.
      const copies = tableNames.map((name) => structuredClone(change[name]?.put ?? []) as unknown as Row[]);
      tableNames.forEach((name, i) => {
        for (const key of change[name]?.remove ?? []) table(name).delete(key);
        for (const row of copies[i] as Row[]) table(name).set(row[keyPaths[name]] as Key, row);
      });
    },
    close() {
      for (const rows of tables.values()) rows.clear();
    },
  };
}

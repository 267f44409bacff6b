import type { TableName, Tables } from './tables.ts';

/** A key of a row, or a value of an indexed property. */
export type Key = number | string;

/** Rows to put and keys to delete, by table. Deletions come first. */
export type Change = { [T in TableName]?: { put?: readonly Tables[T][]; remove?: readonly Key[] } };

/** A range of rows. */
export interface RowRange {
  /** The indexed property whose values `from` and `to` are. Default: the key. */
  by?: string;
  /** The smallest value. */
  from?: Key;
  /** The largest value. */
  to?: Key;
}

/** Which rows {@link Store.list} returns. */
export interface ListOptions extends RowRange {
  /** The number of rows to skip, without reading them. @default 0 */
  skip?: number;
  /** The maximum number of rows. Default: all. */
  limit?: number;
}

/**
 * The tables of a library. Rows that are read must not be changed.
 *
 * Every method may throw a {@link FaceNetError}: `storage-unavailable` or `storage-full`.
 */
export interface Store {
  get<T extends TableName>(table: T, key: Key): Promise<Tables[T] | undefined>;
  /** The rows with these keys, in the same order. */
  getAll<T extends TableName>(table: T, keys: readonly Key[]): Promise<(Tables[T] | undefined)[]>;
  /** The rows in ascending order of the property. */
  list<T extends TableName>(table: T, options?: ListOptions): Promise<Tables[T][]>;
  /** The row with the highest key. */
  last<T extends TableName>(table: T): Promise<Tables[T] | undefined>;
  /** The number of rows, or of those in a range. */
  count(table: TableName, range?: RowRange): Promise<number>;
  /** Writes a change in one transaction: all of it or nothing. */
  commit(change: Change): Promise<void>;
  close(): void;
}

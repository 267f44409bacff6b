import type {
  Change,
  CropRow,
  DamagedRow,
  LogAppend,
  LogRow,
  Meta,
  PersonRow,
  Snapshot,
  Store,
  TemplateRow,
} from './store.ts';
import { discarded, logLength, revisionOf } from './transactions.ts';

/** A store in memory, which lasts as long as the page. */
export function memoryStore(): Store {
  let meta: Meta | undefined;
  const people = new Map<string, PersonRow>();
  const templates = new Map<string, TemplateRow>();
  const crops = new Map<string, CropRow>();
  const log = new Map<number | 'head', LogRow>();
  const damaged = new Map<string, DamagedRow>();

  const clear = () => {
    meta = undefined;
    for (const rows of [people, templates, crops, log, damaged]) rows.clear();
  };
  const isAt = (revision: number, append: LogAppend | undefined) =>
    revisionOf(meta) === revision && (!append || logLength(log.get('head')) === append.expected);
  const putLog = ({ rows, head, clears }: LogAppend) => {
    if (clears) log.clear();
    for (const row of rows) log.set(row.count, row);
    log.set('head', head);
  };
  const store: Store = {
    read: async (): Promise<Snapshot> => ({
      meta,
      people: [...people.values()],
      templates: [...templates.values()],
      crops: [...crops.keys()],
    }),
    revision: async () => revisionOf(meta),
    crop: async (id) => crops.get(id),
    logHead: async () => log.get('head'),
    logRows: async (after = 0) => [...log].flatMap(([key, row]) => (key === 'head' || key <= after ? [] : [row])),
    async appendLog(revision, append, options) {
      options?.onCommit();
      if (!isAt(revision, append)) return false;
      putLog(append);
      return true;
    },
    async commit(expected, change: Change, options) {
      options?.onCommit();
      if (!isAt(expected, change.log)) return false;
      for (const id of change.removePeople ?? []) people.delete(id);
      for (const id of change.removeTemplates ?? []) {
        templates.delete(id);
        crops.delete(id);
      }
      for (const row of change.people ?? []) people.set(row.id, row);
      for (const row of change.templates ?? []) templates.set(row.id, row);
      for (const row of change.crops ?? []) crops.set(row.id, row);
      if (change.log) putLog(change.log);
      for (const { key } of discarded([...damaged.values()], change)) damaged.delete(key);
      for (const record of change.setAside ?? []) {
        const rows = { person: people, face: templates, crop: crops, gallery: undefined }[record.kind];
        const key = `${record.kind} ${record.id}`;
        damaged.set(key, { ...record, key, row: rows?.get(record.id) });
        rows?.delete(record.id);
      }
      meta = { ...change.meta, revision: expected + 1 };
      return true;
    },
    async replace(expected, change, { onCommit }) {
      onCommit();
      return store.commit(expected, { ...change, discardDamaged: true });
    },
    damaged: async () => [...damaged.values()],
    erase: async () => clear(),
    close: clear,
  };
  return store;
}

import type { Change, CropRow, Meta, PersonRow, Snapshot, Store, TemplateRow } from './store.ts';

/** A store in memory, which lasts as long as the page. */
export function memoryStore(): Store {
  let meta: Meta | undefined;
  const people = new Map<string, PersonRow>();
  const templates = new Map<string, TemplateRow>();
  const crops = new Map<string, CropRow>();

  const clear = () => {
    meta = undefined;
    for (const rows of [people, templates, crops]) rows.clear();
  };
  return {
    read: async (): Promise<Snapshot> => ({
      meta,
      people: [...people.values()],
      templates: [...templates.values()],
      crops: [...crops.keys()],
    }),
    revision: async () => meta?.revision ?? 0,
    crop: async (id) => crops.get(id),
    async commit(expected, change: Change) {
      if ((meta?.revision ?? 0) !== expected) return false;
      for (const id of change.removePeople ?? []) people.delete(id);
      for (const id of change.removeTemplates ?? []) {
        templates.delete(id);
        crops.delete(id);
      }
      for (const row of change.people ?? []) people.set(row.id, row);
      for (const row of change.templates ?? []) templates.set(row.id, row);
      for (const row of change.crops ?? []) crops.set(row.id, row);
      meta = { ...change.meta, revision: expected + 1 };
      return true;
    },
    erase: async () => clear(),
    close: clear,
  };
}

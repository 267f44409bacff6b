import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';

/**
 * An export of release 0.1.0: 12 templates of dlib-resnet-34, 8 of them with a crop. One of the crops shows no face.
 * test/fixtures/release-0.1.0/README.md describes it.
 */
export const exported = readFileSync(
  new URL('../../test/fixtures/release-0.1.0/gallery.json', import.meta.url),
  'utf8',
);

/**
 * Creates the database of the exported gallery as release 0.1.0 stored it: docs/gallery-format.md describes the records.
 *
 * @param page any page of the origin, without an open gallery of this name.
 * @param text an export.
 */
export async function createDatabase(page: Page, name: string, text = exported): Promise<void> {
  const create = async ({ name, text }: { name: string; text: string }) => {
    const { rule, people } = JSON.parse(text);
    const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bodyOf = (data: Uint8Array) => ({ iv: new Uint8Array(), data });
    const jsonBody = (value: unknown) => bodyOf(new TextEncoder().encode(JSON.stringify(value)));
    const opening = indexedDB.open(`facenet-gallery:${name}`, 2);
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => resolve(opening.result);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore('meta');
        for (const store of ['people', 'templates', 'crops'])
          opening.result.createObjectStore(store, { keyPath: 'id' });
      };
    });
    const transaction = db.transaction(['meta', 'people', 'templates', 'crops'], 'readwrite');
    transaction.objectStore('meta').put({ revision: 1, rule }, 'gallery');
    for (const { id, templates, ...person } of people) {
      transaction.objectStore('people').put({ id, body: jsonBody(person) });
      for (const { id: template, crop, ...rest } of templates) {
        transaction.objectStore('templates').put({ id: template, person: id, body: jsonBody(rest) });
        if (!crop) continue;
        const type = new TextEncoder().encode(crop.type);
        const body = bodyOf(Uint8Array.of(type.length, ...type, ...bytesOf(crop.data)));
        transaction.objectStore('crops').put({ id: template, body });
      }
    }
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
    });
    db.close();
  };
  await page.evaluate(create, { name, text });
}

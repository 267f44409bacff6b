import { expect, test, vi } from 'vitest';
import { Gallery } from '../../../lib/gallery/gallery.ts';
import type * as limits from '../../../lib/gallery/limits.ts';
import { readTransfer } from '../../../lib/gallery/transfer.ts';
import { writeTransfer } from '../../../lib/gallery/transfer-writing.ts';
import { errorCodeOf } from '../../support/error-code.ts';
import { rule, Synthetic } from '../../support/synthetic.ts';

const maximum = vi.hoisted(() => 3);

vi.mock('../../../lib/gallery/limits.ts', async (importOriginal) => ({
  ...(await importOriginal<typeof limits>()),
  maxRecords: maximum,
}));

const open = (log: boolean) => Gallery.open({ name: 'x', storage: 'memory', facenet: { rule }, log });
const synthetic = new Synthetic();

test('a record of a person with any number of log entries can be imported', async () => {
  await using gallery = await open(true);
  const face = { embedding: synthetic.person(), model: rule.model };
  const enrolment = await gallery.enrol({ name: 'Ada' }, face);
  if (!enrolment.enrolled) throw new Error('not enrolled');
  for (let i = 0; i < 3 * maximum; i++) await gallery.identify(face);
  const file = await gallery.exportPerson(enrolment.person.id);
  await using other = await open(false);
  expect(await other.import(file)).toEqual({ people: 1, faces: 1 });
});

test('an export with the maximum of people and of enrolled faces can be imported', async () => {
  await using gallery = await open(false);
  for (let i = 0; i < maximum; i++) {
    await gallery.enrol({ name: `${i}` }, { embedding: synthetic.person(), model: rule.model });
  }
  await using other = await open(false);
  expect(await other.import(await gallery.export())).toEqual({ people: maximum, faces: maximum });
});

test.each(['people', 'templates'] as const)('an export with more %s than it states is refused', async (kind) => {
  const createdAt = new Date();
  const person = () => ({ id: crypto.randomUUID(), name: 'Ada', metadata: {}, createdAt });
  const owner = person();
  const { model } = rule;
  const template = () => {
    const id = crypto.randomUUID();
    return { id, person: owner.id, embedding: synthetic.person(), model, quality: undefined, addedAt: createdAt };
  };
  const tooMany = Array.from({ length: maximum + 1 });
  const people = kind === 'people' ? tooMany.map(person) : [owner];
  const templates = kind === 'templates' ? tooMany.map(template) : [];
  const file = await writeTransfer({ rule, rotation: undefined, people, templates, crops: [] });
  const text = (await file.text()).replace(new RegExp(`"${kind}":${tooMany.length}`), `"${kind}":1`);
  expect(await errorCodeOf(readTransfer(new Blob([text])))).toBe('option-invalid');
});

test.each(['people', 'templates'] as const)('an export of version 1 with too many %s is refused', async (kind) => {
  const at = new Date().toISOString();
  const template = () => {
    const embedding = btoa(String.fromCharCode(...new Uint8Array(Float32Array.from(synthetic.person()).buffer)));
    return { id: crypto.randomUUID(), embedding, model: rule.model, addedAt: at };
  };
  const tooMany = Array.from({ length: maximum + 1 });
  const person = (templates: unknown[]) => ({
    id: crypto.randomUUID(),
    name: 'Ada',
    metadata: {},
    createdAt: at,
    templates,
  });
  const people = kind === 'people' ? tooMany.map(() => person([])) : [person(tooMany.map(template))];
  const file = (listed: unknown[]) =>
    new Blob([JSON.stringify({ format: 'facenet-gallery', version: 1, rule, people: listed })]);
  expect(await errorCodeOf(readTransfer(file(people.slice(0, kind === 'people' ? maximum : 0))))).toBe('no error');
  expect(await errorCodeOf(readTransfer(file(people)))).toBe('option-invalid');
});

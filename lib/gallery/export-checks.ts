import { FaceNetError } from '../core/errors.ts';
import { checkedMetadata, checkedName, hasUnitLength } from './checked-input.ts';
import { requireDimension } from './dimensions.ts';
import { maxCropSize, maxExportSize, maxRecords, requireAtMost } from './limits.ts';
import type { StoredPerson, StoredTemplate } from './records.ts';
import type { Transfer } from './transfer-format.ts';

/** The records of an export. */
type Records = Pick<Transfer, 'rule' | 'people' | 'templates' | 'crops'>;

/**
 * Checks that an import accepts an export of these records. Galleries of release 0.1.0 can hold names, metadata, crops and
 * embeddings that it refuses.
 *
 * @throws {FaceNetError} `gallery-corrupt` with the person to correct; `option-invalid` for too many records.
 */
export function requireExportable({ rule, people, templates, crops }: Records): void {
  requireAtMost(maxRecords, people.length, 'The export', 'people');
  requireAtMost(maxRecords, templates.length, 'The export', 'enrolled faces');
  const personOf = new Map(people.map((person) => [person.id, person]));
  for (const person of people) {
    checkFor(person, 'rename or remove the person', () => checkedName(person.name));
    checkFor(person, 'remove the person', () => checkedMetadata(person.metadata));
  }
  const dimensions = new Map([[rule.model, rule.dimension]]);
  const cropOf = new Map(crops.map(({ id, crop }) => [id, crop]));
  for (const template of templates) {
    checkFor(personOf.get(template.person), `remove the enrolled face ${template.id}`, () => {
      requireAtMost(maxCropSize, cropOf.get(template.id)?.data.length ?? 0, 'A crop', 'bytes');
      requireComparable(template, dimensions);
    });
  }
}

/**
 * Checks that an export is not larger than an import reads.
 *
 * @throws {FaceNetError} `option-invalid`
 */
export function requireReadableSize(size: number): void {
  if (size <= maxExportSize) return;
  throw new FaceNetError(
    'option-invalid',
    `The export has ${size.toLocaleString('en')} bytes, and import() reads at most ${maxExportSize.toLocaleString('en')}: export the people one by one with exportPerson().`,
  );
}

function requireComparable(template: StoredTemplate, dimensions: Map<string, number>): void {
  requireDimension(template, dimensions);
  if (!hasUnitLength(template.embedding))
    throw new FaceNetError('option-invalid', 'The embedding does not have the length 1.');
}

/** Runs a check, and names the person in its error. @param correction what to do. */
function checkFor(person: StoredPerson | undefined, correction: string, check: () => void): void {
  try {
    check();
  } catch (cause) {
    const { message } = cause as Error;
    // The names that are too long are not repeated whole.
    throw new FaceNetError(
      'gallery-corrupt',
      `No import would accept an export of "${person?.name.slice(0, 50)}" (${person?.id}). ${message} To correct it, ${correction}.`,
      { cause },
    );
  }
}

import type * as v from 'valibot';
import { yieldToEventLoop } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import { bytesOf, linesOf } from './blob-lines.ts';
import { decodeUtf8 } from './crypto/bytes.ts';
import { type Cipher, openVault } from './crypto/vault.ts';
import { maxExportSize, maxRecords, maxWholeExportSize, requireAtMost } from './limits.ts';
import { decodeJson, parseJson, safeImageType, validated } from './records.ts';
import {
  additionalDataOf,
  anyFile,
  fileOfVersion1,
  fileOfVersion2,
  firstLineEnd,
  formatVersion,
  lastLine,
  recordSchema,
  sealedFileOfVersion1,
  sealedPart,
  type Transfer,
  vaultPart,
} from './transfer-format.ts';

/** The maximum length of the first line of version 2, in bytes. */
const maxHeader = 1 << 14;
const subject = 'The export';

/**
 * Reads an export.
 *
 * @throws {FaceNetError} `gallery-corrupt` for a damaged or incomplete file or one that is not an export,
 *   `gallery-version` for an export of a newer release, `key-wrong` for a wrong or missing passphrase, `option-invalid`
 *   for a passphrase to a file that is not encrypted, and for a file of more than 480 MB (537 MB if release 0.1.0 wrote it) or a
 *   million people or templates;
 *   `storage-unavailable` if the browser cannot read the file.
 */
export async function readTransfer(file: Blob, passphrase?: string, signal?: AbortSignal): Promise<Transfer> {
  const first = await readFirstLine(file);
  requireAtMost(first ? maxExportSize : maxWholeExportSize, file.size, 'The file', 'bytes');
  if (first) {
    const { vault } = requireReadable(first);
    return readRecords(recordLines(file, signal), await cipherOf(vault, passphrase, signal), signal);
  }
  // As one JSON value.
  const bytes = await bytesOf(file);
  const whole = parseJson(bytes, subject);
  const { version, vault } = requireReadable(whole);
  signal?.throwIfAborted();
  if (version === 1) return readVersion1(whole, vault, passphrase);
  const { records } = validated(whole, fileOfVersion2, subject);
  return readRecords(records, await cipherOf(vault, passphrase, signal), signal);
}

/** Parses the first line if it is that of version 2 or later. */
async function readFirstLine(file: Blob): Promise<unknown> {
  const [line = ''] = new TextDecoder().decode(await bytesOf(file.slice(0, maxHeader))).split('\n', 1);
  if (!line.trimEnd().endsWith(firstLineEnd)) return undefined;
  try {
    return JSON.parse(`${line}${lastLine}`);
  } catch {
    return undefined;
  }
}

function requireReadable(file: unknown): v.InferOutput<typeof anyFile> {
  const known = validated(file, anyFile, subject);
  if (known.version <= formatVersion) return known;
  throw new FaceNetError(
    'gallery-version',
    `The export has version ${known.version}, this release reads up to version ${formatVersion}: update facenet-web to import it.`,
  );
}

/** The cipher of an encrypted file. */
async function cipherOf(
  vault: unknown,
  passphrase: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Cipher | undefined> {
  if (vault === undefined) {
    if (passphrase === undefined) return undefined;
    // A plain file in place of an encrypted one is not from somebody who knows the passphrase.
    throw new FaceNetError(
      'option-invalid',
      'The export is not encrypted: import it without a passphrase, but only if you trust where it comes from.',
    );
  }
  const header = validated(vault, vaultPart, subject);
  if (passphrase === undefined) {
    throw new FaceNetError('key-wrong', 'The export is encrypted: import it with { passphrase }.');
  }
  const cipher = await openVault(header, passphrase, 'export');
  signal?.throwIfAborted();
  return cipher;
}

/** The records of a file of version 2, one a line. */
async function* recordLines(file: Blob, signal: AbortSignal | undefined): AsyncGenerator<unknown> {
  let number = 0;
  for await (const bytes of linesOf(file, signal)) {
    if (number++ === 0) continue;
    const line = textOf(bytes).trimEnd();
    if (line === lastLine) return;
    yield parseJson(line.endsWith(',') ? line.slice(0, -1) : line, subject);
  }
  throw damaged('its end is missing');
}

function textOf(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch (cause) {
    throw damaged('it is not UTF-8', cause);
  }
}

/** Decrypts and checks the records of version 2. The first one states how many follow. */
async function readRecords(
  records: Iterable<unknown> | AsyncIterable<unknown>,
  cipher: Cipher | undefined,
  signal: AbortSignal | undefined,
): Promise<Transfer> {
  const transfer: Omit<Transfer, 'rule'> & { rule?: Transfer['rule'] } = { ...empty(), rotation: undefined };
  const expected = { people: 0, templates: 0 };
  let position = 0;
  for await (const value of records) {
    await yieldToEventLoop(signal);
    const record = cipher ? await openRecord(value, position, cipher) : validated(value, recordSchema, subject);
    if ((position === 0) !== (record.gallery !== undefined)) throw damaged('its first record is not the gallery');
    position++;
    if (record.gallery) {
      transfer.rule = record.gallery.rule;
      transfer.rotation = record.gallery.rotation;
      Object.assign(expected, record.gallery);
    }
    if (record.person) transfer.people.push(record.person);
    if (record.template) addTemplate(transfer, record.template);
    // The numbers that the file states are not trusted to be true before its end. Entries of the log are not kept.
    requireImportable(transfer);
  }
  const { rule, people, templates } = transfer;
  if (!rule || people.length !== expected.people || templates.length !== expected.templates) {
    throw damaged('records are missing');
  }
  return checked({ ...transfer, rule });
}

async function openRecord(value: unknown, position: number, cipher: Cipher) {
  const part = validated(value, sealedPart, subject);
  return decodeJson(await cipher.open(part, additionalDataOf(position)), recordSchema, subject);
}

/** Reads version 1, in which the people contain their templates. */
async function readVersion1(file: unknown, vault: unknown, passphrase: string | undefined): Promise<Transfer> {
  let contents = file;
  const cipher = await cipherOf(vault, passphrase, undefined);
  if (cipher) {
    const { content } = validated(file, sealedFileOfVersion1, subject);
    contents = parseJson(await cipher.open(content, 'export'), subject);
  }
  const { rule, rotation, people } = validated(contents, fileOfVersion1, subject);
  const transfer: Transfer = { ...empty(), rule, rotation };
  for (const { templates, ...person } of people) {
    transfer.people.push(person);
    for (const template of templates) addTemplate(transfer, { ...template, person: person.id });
    requireImportable(transfer);
  }
  return checked(transfer);
}

function empty(): Pick<Transfer, 'people' | 'templates' | 'crops'> {
  return { people: [], templates: [], crops: [] };
}

type TemplateRecord = NonNullable<v.InferOutput<typeof recordSchema>['template']>;

function addTemplate({ templates, crops }: Pick<Transfer, 'templates' | 'crops'>, record: TemplateRecord): void {
  const { crop, quality, ...template } = record;
  templates.push({ ...template, quality });
  if (crop) crops.push({ id: template.id, crop: { ...crop, type: safeImageType(crop.type) } });
}

/** @throws {FaceNetError} `option-invalid` for more people or enrolled faces than a gallery exports. */
function requireImportable({ people, templates }: Pick<Transfer, 'people' | 'templates'>): void {
  requireAtMost(maxRecords, people.length, 'The export', 'people');
  requireAtMost(maxRecords, templates.length, 'The export', 'enrolled faces');
}

/** Checks that ids are unique, and that every template has a person. */
function checked(transfer: Transfer): Transfer {
  const people = new Set(transfer.people.map(({ id }) => id));
  const templates = new Set(transfer.templates.map(({ id }) => id));
  if (people.size < transfer.people.length || templates.size < transfer.templates.length) {
    throw damaged('two records have the same id');
  }
  if (!transfer.templates.every(({ person }) => people.has(person))) throw damaged('an enrolled face has no person');
  return transfer;
}

function damaged(reason: string, cause?: unknown): FaceNetError {
  return new FaceNetError('gallery-corrupt', `The export is damaged: ${reason}. Restore another export.`, { cause });
}

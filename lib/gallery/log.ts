import * as v from 'valibot';
import { yieldToEventLoop } from '../core/cancellation.ts';
import { FaceNetError } from '../core/errors.ts';
import { sha256Hex } from '../core/sha256.ts';
import { version } from '../core/version.ts';
import { type Bytes, utf8 } from './crypto/bytes.ts';
import { damageAdvice } from './crypto/damage-advice.ts';
import type { Cipher } from './crypto/vault.ts';
import type { LogEntry, LogEvent } from './log-events.ts';
import { parseSealed } from './meta.ts';
import { decodeJson, encodeJson } from './records.ts';
import type { LogAppend, LogRow, Store } from './storage/store.ts';
import { logLength } from './storage/transactions.ts';

/** The end of a chain: the number of its entries and the hash of the last line. */
interface ChainEnd {
  count: number;
  hash: string;
}

const advice = 'open the gallery with { repair: true } to delete the log and start a new one';

/** The hash before the first entry. */
const noHash = '0'.repeat(64);
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const headSchema = v.object({ count, hash });
const entrySchema = v.looseObject({
  number: count,
  at: v.pipe(
    v.string(),
    v.transform((iso) => new Date(iso)),
    v.date(),
  ),
  event: v.string(),
  model: v.string(),
  release: v.string(),
  previous: hash,
});

const additionalDataOf = { entry: (number: number) => `log entry ${number}`, head: 'log head' };

/**
 * Seals events as the next entries of a gallery's log.
 *
 * @param log whether the gallery has a log, has none, or has a broken one that is deleted. A new log begins with the entry
 *   `log-started`.
 * @throws {FaceNetError} `gallery-corrupt` if the log's head is missing or damaged.
 */
export async function sealEvents(
  store: Store,
  cipher: Cipher,
  events: readonly LogEvent[],
  { model, log }: { model: string; log: 'started' | 'none' | 'broken' },
): Promise<LogAppend> {
  const end = log === 'started' ? await readHead(store, cipher) : { count: 0, hash: noHash };
  const start: LogEvent = { event: 'log-started', ...(log === 'broken' && { replaces: 'broken' }) };
  const all: LogEvent[] = log === 'started' ? [...events] : [start, ...events];
  const at = new Date();
  const lines: Bytes[] = [];
  let previous = end.hash;
  for (const [i, event] of all.entries()) {
    const line = encodeJson({
      number: end.count + i + 1,
      at: at.toISOString(),
      ...event,
      model,
      release: version,
      previous,
    });
    lines.push(line);
    previous = await sha256Hex(line);
  }
  return {
    expected: log === 'broken' ? logLength(await store.logHead()) : end.count,
    ...(log === 'broken' && { clears: true }),
    rows: await Promise.all(lines.map((line, i) => sealLine(cipher, end.count + i + 1, line))),
    head: await sealHead(cipher, { count: end.count + lines.length, hash: previous }),
  };
}

/**
 * The log as JSON lines, checked against its head.
 *
 * @throws {FaceNetError} `gallery-corrupt` if an entry is damaged, missing, or not the one that the next entry names.
 */
export async function readLog(store: Store, cipher: Cipher, signal: AbortSignal | undefined): Promise<Bytes[]> {
  const end = await readHead(store, cipher);
  const lines = await openLines(store, cipher, signal);
  // Entries can have been appended after the head was read.
  const known = lines.slice(0, end.count);
  await checkChain(known, advice);
  if (known.length < end.count || (await hashOfLast(known)) !== end.hash) throw broken(known.length);
  return known;
}

/**
 * Checks the chain of an exported log.
 *
 * @param file the result of `gallery.exportLog()`.
 * @returns its entries, and the hash of its last line. A log that was cut off at its end has another last hash than the
 *   one that was noted before.
 * @throws {FaceNetError} `gallery-corrupt` if a line is damaged, missing or was changed.
 *
 * @example
 * const { entries, hash } = await verifyLog(await gallery.exportLog());
 * show(entries.length, hash);
 */
export async function verifyLog(file: Blob): Promise<{ entries: LogEntry[]; hash: string }> {
  const text = await file.text();
  const lines = text.split('\n').filter((line) => line !== '');
  const bytes = lines.map((line) => utf8(line));
  return { entries: await checkChain(bytes, damageAdvice.export), hash: await hashOfLast(bytes) };
}

/** @param advice what the errors advise. */
async function checkChain(lines: readonly Bytes[], advice: string): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  let expected = noHash;
  for (const [i, line] of lines.entries()) {
    await yieldToEventLoop(undefined);
    const entry = entryOf(line, i, advice);
    if (entry.number !== i + 1 || entry.previous !== expected) throw broken(i + 1, advice);
    expected = await sha256Hex(line);
    entries.push(entry);
  }
  return entries;
}

/** Parses the lines of {@link readLog}. */
export function entriesOf(lines: readonly Bytes[]): LogEntry[] {
  return lines.map((line, i) => entryOf(line, i, advice));
}

function entryOf(line: Bytes, index: number, advice: string): LogEntry {
  return decodeJson(line, entrySchema, `Entry ${index + 1} of the log`, advice) as unknown as LogEntry;
}

/** A log as a file of JSON lines. */
export function logFile(lines: readonly Bytes[]): Blob {
  return new Blob(
    lines.flatMap((line) => [line, '\n']),
    { type: 'application/x-ndjson' },
  );
}

async function openLines(store: Store, cipher: Cipher, signal: AbortSignal | undefined): Promise<Bytes[]> {
  const lines: Bytes[] = [];
  for (const row of await store.logRows()) {
    await yieldToEventLoop(signal);
    lines.push(await openLine(cipher, row));
  }
  return lines;
}

/** Decrypts an entry. @throws {FaceNetError} `gallery-corrupt` */
export async function openLine(cipher: Cipher, { count, body }: LogRow): Promise<Bytes> {
  return cipher.open(parseSealed(body, additionalDataOf.entry(count)), additionalDataOf.entry(count));
}

async function readHead(store: Store, cipher: Cipher): Promise<ChainEnd> {
  const row = await store.logHead();
  if (!row) throw broken(0);
  return openHead(cipher, row);
}

/** Decrypts a log's head. @throws {FaceNetError} `gallery-corrupt` */
export async function openHead(cipher: Cipher, row: LogRow): Promise<ChainEnd> {
  const bytes = await cipher.open(parseSealed(row.body, additionalDataOf.head), additionalDataOf.head);
  const end = decodeJson(bytes, headSchema, "The log's head", advice);
  if (end.count !== row.count) throw broken(row.count);
  return end;
}

/** Encrypts the entry with a number. */
export async function sealLine(cipher: Cipher, count: number, line: Bytes): Promise<LogRow> {
  return { count, body: await cipher.seal(line, additionalDataOf.entry(count)) };
}

/** Encrypts a log's head. */
export async function sealHead(cipher: Cipher, end: ChainEnd): Promise<LogRow> {
  return { count: end.count, body: await cipher.seal(encodeJson(end), additionalDataOf.head) };
}

async function hashOfLast(lines: readonly Bytes[]): Promise<string> {
  const last = lines.at(-1);
  return last ? sha256Hex(last) : noHash;
}

function broken(entry: number, whatToDo: string = advice): FaceNetError {
  return new FaceNetError(
    'gallery-corrupt',
    `The log is broken at entry ${entry}, because an entry is missing or was changed: ${whatToDo}.`,
  );
}

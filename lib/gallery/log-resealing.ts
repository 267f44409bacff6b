import { yieldToEventLoop } from '../core/cancellation.ts';
import type { Bytes } from './crypto/bytes.ts';
import type { Cipher } from './crypto/vault.ts';
import { openHead, openLine, sealEvents, sealHead, sealLine } from './log.ts';
import type { LogEvent } from './log-events.ts';
import type { LogAppend, LogRow, Store } from './storage/store.ts';

/**
 * A log that is sealed with another cipher. Entries that other calls add meanwhile make another attempt necessary. It seals only these,
 * because a log only grows: otherwise a steady stream of entries would keep a long log from ever being sealed in time.
 */
export class LogResealing {
  readonly #store: Store;
  readonly #from: Cipher;
  readonly #to: Cipher;
  /** The entries that are sealed so far. */
  #rows: LogRow[] = [];

  constructor(store: Store, { from, to }: { from: Cipher; to: Cipher }) {
    this.#store = store;
    this.#from = from;
    this.#to = to;
  }

  /** Seals the rest of the log, and appends events to it. */
  async append(events: readonly LogEvent[], model: string): Promise<LogAppend> {
    const [from, to] = [this.#from, this.#to];
    const appended = await sealEvents(this.#store, from, events, { model, log: 'started' });
    const rows = await this.#store.logRows(this.#rows.at(-1)?.count);
    // Another tab can append after the head was read. The commit then fails, because the log is longer than expected.
    const known = rows.filter(({ count }) => count <= appended.expected);
    this.#rows = this.#rows.concat(await this.#reseal(known));
    return {
      expected: appended.expected,
      rows: this.#rows.concat(await this.#reseal(appended.rows)),
      head: await sealHead(to, await openHead(from, appended.head)),
    };
  }

  async #reseal(rows: readonly LogRow[]): Promise<LogRow[]> {
    const lines: [number, Bytes][] = [];
    for (const row of rows) {
      await yieldToEventLoop(undefined);
      lines.push([row.count, await openLine(this.#from, row)]);
    }
    return Promise.all(lines.map(([count, line]) => sealLine(this.#to, count, line)));
  }
}

import type { ReadModelFile } from '../models/folders.ts';
import { deserialiseError } from '../workers/serialised-error.ts';
import type { ModelMessage, ReadModelMessage, SentFolder } from './protocol.ts';

interface PendingRead {
  resolve: (bytes: Uint8Array<ArrayBuffer>) => void;
  reject: (error: Error) => void;
}

/** The worker's side of models folders whose files a function on the page reads. */
export class PageModels {
  readonly #post: (message: ReadModelMessage) => void;
  readonly #pending = new Map<number, PendingRead>();
  #reads = 0;

  constructor(post: (message: ReadModelMessage) => void) {
    this.#post = post;
  }

  /** A folder that was sent: its URL, or a function that asks the page for each file. */
  folder(sent: SentFolder): string | ReadModelFile {
    if (typeof sent === 'string') return sent;
    return (path) =>
      new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
        const id = this.#reads++;
        this.#pending.set(id, { resolve, reject });
        this.#post({ type: 'read-model', id, path, ...sent });
      });
  }

  /** Takes the page's answer. */
  receive(message: ModelMessage): void {
    const read = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ('bytes' in message) read?.resolve(message.bytes);
    else read?.reject(deserialiseError(message.error));
  }
}

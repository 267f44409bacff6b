import { yieldToEventLoop } from '../core/cancellation.ts';
import { type Bytes, toBase64 } from './crypto/bytes.ts';
import { type Cipher, createVault, type Sealed, type VaultHeader } from './crypto/vault.ts';
import { encodeJson, personToJson, templateToJson } from './records.ts';
import { additionalDataOf, firstLineEnd, formatVersion, lastLine, type Transfer } from './transfer-format.ts';

/** Bytes to collect in memory before they become a Blob, which browsers can keep on disk. */
const blobSize = 8 << 20;

/** What an export is written from. */
export interface Export extends Transfer {
  /** The entries of the log about the person whose record is exported. */
  log?: unknown[];
}

/** Writes an export, encrypted if a passphrase is given. */
export async function writeTransfer(transfer: Export, passphrase?: string, signal?: AbortSignal): Promise<Blob> {
  const vault = passphrase === undefined ? undefined : await createVault(passphrase);
  const file = new BlobWriter();
  const header = JSON.stringify({
    format: 'facenet-gallery',
    version: formatVersion,
    ...(vault && { vault: vaultToJson(vault.header) }),
  });
  file.write(`${header.slice(0, -1)},${firstLineEnd}`);
  let position = 0;
  for (const record of recordsOf(transfer)) {
    await yieldToEventLoop(signal);
    const json = JSON.stringify(vault ? await sealed(record, position, vault.cipher) : record);
    file.write(position++ === 0 ? `\n${json}` : `,\n${json}`);
  }
  file.write(`\n${lastLine}\n`);
  signal?.throwIfAborted();
  return file.finished();
}

/** The records of an export: the gallery, the people, the templates, the entries of the log. */
function* recordsOf({ rule, rotation, people, templates, crops, log = [] }: Export): Generator<object> {
  const counts = { people: people.length, templates: templates.length };
  yield { gallery: { rule, ...(rotation && { rotation: toBase64(rotation) }), ...counts } };
  for (const person of people) yield { person: { id: person.id, ...personToJson(person) } };
  const cropOf = new Map(crops.map(({ id, crop }) => [id, crop]));
  for (const template of templates) {
    const { id, person } = template;
    const crop = cropOf.get(id);
    const image = crop && { type: crop.type, data: toBase64(crop.data) };
    yield { template: { id, person, ...templateToJson(template), ...(image && { crop: image }) } };
  }
  for (const entry of log) yield { log: entry };
}

async function sealed(record: object, position: number, cipher: Cipher): Promise<object> {
  return encodeBytes(await cipher.seal(encodeJson(record), additionalDataOf(position)));
}

function vaultToJson(header: VaultHeader): object {
  return { ...header, ...encodeBytes(header), dataKey: encodeBytes(header.dataKey) };
}

/** The byte-array properties of an object, encoded as base64. */
function encodeBytes<T extends VaultHeader | Sealed>(value: T): Record<string, string> {
  const entries = Object.entries(value).filter((entry): entry is [string, Bytes] => entry[1] instanceof Uint8Array);
  return Object.fromEntries(entries.map(([name, bytes]) => [name, toBase64(bytes)]));
}

/** Collects text in Blobs. */
class BlobWriter {
  readonly #blobs: Blob[] = [];
  #texts: string[] = [];
  #size = 0;

  write(text: string): void {
    this.#texts.push(text);
    this.#size += text.length;
    if (this.#size >= blobSize) this.#flush();
  }

  finished(): Blob {
    this.#flush();
    return new Blob(this.#blobs, { type: 'application/json' });
  }

  #flush(): void {
    this.#blobs.push(new Blob(this.#texts));
    this.#texts = [];
    this.#size = 0;
  }
}

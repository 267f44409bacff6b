import { yieldToEventLoop } from '../../core/cancellation.ts';
import { toBase64 } from '../../gallery/crypto/bytes.ts';
import { type Cipher, createVault, type VaultHeader } from '../../gallery/crypto/vault.ts';
import { encodeJson } from '../../gallery/records.ts';
import { flag } from '../people/columns.ts';
import type { LibrarySession } from '../session/session.ts';
import { isEmbeddedBy } from '../storage/embedder.ts';
import type { PhotoRow } from '../storage/tables.ts';
import { additionalDataOf, formatVersion } from './format.ts';

/** The number of photos to read at once. */
const batchSize = 200;

/** Writes the library as JSON lines, each record encrypted if a passphrase is given. */
export async function writeExport(session: LibrarySession, passphrase?: string, signal?: AbortSignal): Promise<Blob> {
  const vault = passphrase === undefined ? undefined : await createVault(passphrase);
  const header = {
    format: 'facenet-library',
    version: formatVersion,
    ...(vault && { vault: vaultToJson(vault.header) }),
  };
  const parts: Blob[] = [new Blob([`${JSON.stringify(header)}\n`])];
  let position = 0;
  for await (const record of recordsOf(session)) {
    await yieldToEventLoop(signal);
    const line = vault ? await sealed(record, position, vault.cipher) : record;
    parts.push(new Blob([`${JSON.stringify(line)}\n`]));
    position++;
  }
  return new Blob(parts, { type: 'application/x-ndjson' });
}

async function* recordsOf(session: LibrarySession): AsyncGenerator<object> {
  const { store, state, rule, meta } = session;
  const constraints = await constraintsOf(session);
  const counts = {
    photos: await store.count('photos'),
    people: state.people.size,
    constraints: constraints.length,
  };
  yield { library: { ...rule, ...meta.identity, ...counts } };
  for (let from = 0; ; ) {
    const photos = await store.list('photos', { from, limit: batchSize });
    const last = photos.at(-1);
    if (!last) break;
    from = last.number + 1;
    for (const photo of photos) yield { photo: await photoToJson(session, photo) };
  }
  for (const { number, cover: face, ...person } of state.people.values()) {
    const cover = face === undefined ? undefined : await referenceTo(session, face);
    yield { person: { number, ...person, ...(cover && { cover }) } };
  }
  for (const constraint of constraints) yield { constraint };
}

async function constraintsOf(session: LibrarySession): Promise<object[]> {
  const constraints: object[] = [];
  for (const { kind, a, b } of session.state.constraints.values()) {
    if (kind !== 'not-person') {
      constraints.push({ kind, people: [a, b] });
      continue;
    }
    const face = await referenceTo(session, a);
    if (face) constraints.push({ kind, face, person: b });
  }
  return constraints;
}

async function photoToJson(
  { store, state, rule, generation }: LibrarySession,
  { number: _, isIncomplete: __, key, faces, ...photo }: PhotoRow,
) {
  const rows = (await store.getAll('faces', faces)).filter((row) => row !== undefined);
  const { columns } = state;
  return {
    ...photo,
    indexed: key,
    faces: rows.map((row) => {
      const { number, box, roll, score, quality, strangerSimilarity, strangerModel } = row;
      // An update has not reached all faces, or has not ended.
      const embedding = isEmbeddedBy(generation, row) ? row.embedding : new Float32Array(rule.dimension);
      return {
        box,
        ...(roll !== undefined && { roll }),
        score,
        quality,
        ...(strangerSimilarity !== undefined && { strangerSimilarity }),
        ...(strangerModel !== undefined && { strangerModel }),
        embedding: toBase64(new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength)),
        ...(columns.person[number] !== 0 && { person: columns.person[number] }),
        confirmed: columns.has(number, flag.kept),
        notAFace: columns.has(number, flag.notAFace),
      };
    }),
  };
}

/** A face by the id of its photo and its place in it. Undefined if the photo no longer shows it. */
async function referenceTo({ store, state }: LibrarySession, face: number): Promise<[string, number] | undefined> {
  const photo = await store.get('photos', state.columns.photo[face] as number);
  const place = photo?.faces.indexOf(face) ?? -1;
  return photo && place >= 0 ? [photo.id, place] : undefined;
}

async function sealed(record: object, position: number, cipher: Cipher): Promise<object> {
  const { iv, data } = await cipher.seal(encodeJson(record), additionalDataOf(position));
  return { iv: toBase64(iv), data: toBase64(data) };
}

function vaultToJson(header: VaultHeader): object {
  return { ...header, ...encodeBytes(header), dataKey: encodeBytes(header.dataKey) };
}

/** The byte-array properties of an object, encoded as base64. */
function encodeBytes(value: object): Record<string, string> {
  const entries = Object.entries(value).filter(
    (entry): entry is [string, Uint8Array] => entry[1] instanceof Uint8Array,
  );
  return Object.fromEntries(entries.map(([name, bytes]) => [name, toBase64(bytes)]));
}

import * as v from 'valibot';
import { yieldToEventLoop } from '../../core/cancellation.ts';
import { FaceNetError } from '../../core/errors.ts';
import { linesOf } from '../../gallery/blob-lines.ts';
import { decodeUtf8 } from '../../gallery/crypto/bytes.ts';
import { type Cipher, openVault } from '../../gallery/crypto/vault.ts';
import { sealedPart, vaultPart } from '../../gallery/transfer-format.ts';
import { additionalDataOf, type ExchangeRecord, formatVersion, headerSchema, recordSchema } from './format.ts';

/**
 * Reads the records of an export, in order.
 *
 * @throws {FaceNetError} `library-corrupt`; `library-version` for an export of a newer release; `key-wrong` for a wrong or missing
 *   passphrase; `option-invalid` for a passphrase to a file that is not encrypted.
 */
export async function* readExport(
  file: Blob,
  passphrase: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExchangeRecord> {
  let cipher: Cipher | undefined;
  let position = -1;
  for await (const bytes of linesOf(file, signal)) {
    await yieldToEventLoop(signal);
    if (bytes.length === 0) continue;
    if (position++ < 0) cipher = await cipherOf(validated(parse(bytes), headerSchema), passphrase);
    else yield await readRecord(bytes, cipher, position - 1);
  }
  if (position < 0) throw damaged('it is empty');
}

async function cipherOf(
  { version, vault }: v.InferOutput<typeof headerSchema>,
  passphrase: string | undefined,
): Promise<Cipher | undefined> {
  if (version > formatVersion) {
    throw new FaceNetError('library-version', `The export has version ${version}: update facenet-web to import it.`);
  }
  if (vault === undefined && passphrase === undefined) return undefined;
  if (vault === undefined) {
    throw new FaceNetError(
      'option-invalid',
      'The export is not encrypted: import it without a passphrase, but only if you trust it.',
    );
  }
  if (passphrase === undefined)
    throw new FaceNetError('key-wrong', 'The export is encrypted: import it with { passphrase }.');
  return openVault(validated(vault, vaultPart), passphrase, 'export');
}

async function readRecord(bytes: Uint8Array, cipher: Cipher | undefined, position: number): Promise<ExchangeRecord> {
  const value = parse(bytes);
  if (!cipher) return validated(value, recordSchema);
  return validated(parse(await cipher.open(validated(value, sealedPart), additionalDataOf(position))), recordSchema);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch (cause) {
    throw damaged('a line is not JSON', cause);
  }
}

function validated<Output>(value: unknown, schema: v.GenericSchema<unknown, Output>): Output {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  throw damaged(`${v.getDotPath(issues[0]) ?? 'a line'}: ${issues[0].message}`);
}

/** The error for a damaged export. */
export function damaged(reason: string, cause?: unknown): FaceNetError {
  return new FaceNetError('library-corrupt', `The export is damaged (${reason}): import another one.`, { cause });
}

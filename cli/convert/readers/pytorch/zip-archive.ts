import { damaged } from '../../errors.ts';

/** The maximum number of files in an archive. The largest state dicts have some thousands of tensors. */
const maxFiles = 20_000;

/** The signatures and the sizes of the records of a ZIP file. (APPNOTE.TXT 4.3) */
const localHeader = { signature: 0x04034b50, bytes: 30 };
const centralHeader = { signature: 0x02014b50, bytes: 46 };
const endRecord = { signature: 0x06054b50, bytes: 22 };
/** The end record is followed by a comment of at most this many bytes. */
const maxComment = 65_535;

/**
 * The files of a ZIP archive that are stored without compression, as `torch.save` stores all of them. They are views of the archive's
 * bytes, so that no archive can take more memory than its own size. Compressed files are left out.
 *
 * @throws {FaceNetError} `model-file-damaged` for a truncated archive or impossible sizes.
 */
export function readZip(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count > maxFiles) throw damaged(`The archive states ${count} files`);
  const files = new Map<string, Uint8Array>();
  for (let i = 0; i < count; i++) {
    requireRecord(view, at, centralHeader);
    const [method, stored, size] = [
      view.getUint16(at + 10, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 24, true),
    ];
    const [nameBytes, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ];
    const name = textOf(bytes, at + centralHeader.bytes, nameBytes);
    // TorchScript compresses its code, which is not read.
    if (method === 0 && stored === size) {
      files.set(name, contentsOf(bytes, view, view.getUint32(at + 42, true), { name, size }));
    }
    at += centralHeader.bytes + nameBytes + extra + comment;
  }
  return files;
}

/** The offset of the record that ends the archive. */
function endOf(view: DataView): number {
  const last = view.byteLength - endRecord.bytes;
  for (let at = last; at >= Math.max(0, last - maxComment); at--) {
    if (view.getUint32(at, true) === endRecord.signature) return at;
  }
  throw damaged('The archive is truncated: its end is missing');
}

function contentsOf(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  { name, size }: { name: string; size: number },
): Uint8Array {
  requireRecord(view, at, localHeader);
  const start = at + localHeader.bytes + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (start + size > bytes.length) throw damaged(`"${name}" does not lie within the archive`);
  return bytes.subarray(start, start + size);
}

function requireRecord(view: DataView, at: number, { signature, bytes }: typeof localHeader): void {
  const isRecord = at + bytes <= view.byteLength && view.getUint32(at, true) === signature;
  if (!isRecord) throw damaged('A record of the archive is missing');
}

function textOf(bytes: Uint8Array, start: number, length: number): string {
  if (start + length > bytes.length) throw damaged('The archive is truncated');
  return new TextDecoder().decode(bytes.subarray(start, start + length));
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { maxSharedPages } from '../../lib/runtime/kernels/wasm/instantiate.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Three modules from one source: for browsers with relaxed SIMD, whose multiply-add is one instruction, for all others, and for
 * several threads, with relaxed SIMD and a memory that they share.
 */
export type KernelsName = 'facenet-relaxed-simd' | 'facenet-simd' | 'facenet-threads';

/**
 * Compiles the inference engine's kernels (assembly/) to WebAssembly. The same compiler gives the same bytes.
 *
 * @throws what the compiler complains of.
 */
export async function compileKernels(name: KernelsName): Promise<Buffer> {
  const features = ['simd', ...(name === 'facenet-simd' ? [] : ['relaxed-simd'])];
  const memory = [
    '--importMemory',
    '--sharedMemory',
    '--initialMemory',
    '1',
    '--maximumMemory',
    String(maxSharedPages),
  ];
  const flags = [
    ...['-O3', '--noAssert', '--runtime', 'stub', ...features.flatMap((feature) => ['--enable', feature])],
    ...(name === 'facenet-threads' ? ['--enable', 'threads', ...memory] : []),
  ];
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main(['assembly/index.ts', ...flags, '--outFile', 'kernels.wasm'], {
    readFile: (path, base) => read(join(base, path)),
    writeFile: (_path, contents) => {
      if (typeof contents !== 'string') bytes = contents;
    },
    listFiles: () => null,
  });
  if (error || !bytes) throw new Error(`The kernels could not be compiled: ${error?.message}\n${stderr}`);
  return Buffer.from(bytes);
}

/** The text of a file below the repository's root; null where there is none, as the compiler wants to be told. */
function read(path: string): string | null {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return null;
  }
}

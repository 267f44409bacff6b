import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { maxSharedPages } from '../../lib/runtime/kernels/wasm/instantiate.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The builds of the kernels: with relaxed SIMD, which has a fused multiply-add, and with SIMD only; each for one thread, and for
 * threads with a shared memory.
 */
const builds = {
  'facenet-relaxed-simd': { relaxed: true, shared: false },
  'facenet-simd': { relaxed: false, shared: false },
  'facenet-threads': { relaxed: true, shared: true },
  'facenet-simd-threads': { relaxed: false, shared: true },
};

/** The name of a build. */
export type KernelsName = keyof typeof builds;

/**
 * Compiles the kernels (assembly/) to WebAssembly. The same compiler version gives the same bytes.
 *
 * @throws {Error} with the compiler's messages.
 */
export async function compileKernels(name: KernelsName): Promise<Buffer> {
  const { relaxed, shared } = builds[name];
  const features = ['simd', ...(relaxed ? ['relaxed-simd'] : [])];
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
    ...(shared ? ['--enable', 'threads', ...memory] : []),
  ];
  return compile('assembly/index.ts', flags);
}

/** Compiles the kernels of the HOG detector (assembly/hog/). @throws {Error} with the compiler's messages. */
export async function compileHogKernels(): Promise<Buffer> {
  return compile('assembly/hog/index.ts', ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd']);
}

/** Compiles the dot product of the library's neighbour graph (assembly/library/). @throws {Error} with the compiler's messages. */
export async function compileDot(): Promise<Buffer> {
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory'];
  return compile('assembly/library/dot.ts', flags);
}

async function compile(entry: string, flags: string[]): Promise<Buffer> {
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main([entry, ...flags, '--outFile', 'kernels.wasm'], {
    readFile: (path, base) => read(join(base, path)),
    writeFile: (_path, contents) => {
      if (typeof contents !== 'string') bytes = contents;
    },
    listFiles: () => null,
  });
  if (error || !bytes) throw new Error(`The kernels do not compile: ${error?.message}\n${stderr}`);
  return Buffer.from(bytes);
}

/** Reads a file below the repository's root for the compiler, which expects null for a missing file. */
function read(path: string): string | null {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return null;
  }
}

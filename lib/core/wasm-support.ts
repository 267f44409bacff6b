/** Whether WebAssembly compiles here. A Content-Security-Policy without `wasm-unsafe-eval` forbids it. */
export async function canCompileWasm(): Promise<boolean> {
  if (typeof WebAssembly === 'undefined') return false;
  const emptyModule = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  return WebAssembly.compile(emptyModule).then(
    () => true,
    () => false,
  );
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs a script in a process of its own, whose memory holds nothing else: what made the embeddings leaves free memory that a
 * measurement in the same process would not count again.
 *
 * @param script its path.
 * @param embeddings all of one length.
 * @param options passed to the script as JSON.
 * @returns what the script returned with {@link answerApart}.
 */
export function runApart<Result>(script: string, embeddings: readonly Float32Array[], options: object): Result {
  const folder = mkdtempSync(join(tmpdir(), 'facenet-apart-'));
  try {
    const dimension = embeddings[0]?.length ?? 0;
    const numbers = new Float32Array(embeddings.length * dimension);
    for (const [i, embedding] of embeddings.entries()) numbers.set(embedding, i * dimension);
    writeFileSync(join(folder, 'embeddings'), numbers);
    writeFileSync(join(folder, 'options'), JSON.stringify({ dimension, options }));
    const { status } = spawnSync(process.execPath, [...process.execArgv, script, folder], { stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new Error(`${script} failed.`);
    return JSON.parse(readFileSync(join(folder, 'answer'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs in the process that {@link runApart} starts: calls `measure` and returns its result. */
export async function answerApart<Options>(
  measure: (embeddings: Float32Array[], options: Options) => Promise<unknown>,
): Promise<void> {
  const folder = process.argv[2] as string;
  const { dimension, options } = JSON.parse(readFileSync(join(folder, 'options'), 'utf8'));
  const { buffer, byteOffset, length } = readFileSync(join(folder, 'embeddings'));
  const embeddings: Float32Array[] = [];
  for (let at = 0; at < length; at += 4 * dimension)
    embeddings.push(new Float32Array(buffer, byteOffset + at, dimension));
  writeFileSync(join(folder, 'answer'), JSON.stringify(await measure(embeddings, options)));
}

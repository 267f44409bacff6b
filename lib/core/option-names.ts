/** The equivalents of options of face-api.js, Human and MediaPipe, by the names that these have there. */
export const equivalents: Readonly<Record<string, string>> = {
  minConfidence: '"minScore" of detect(), embed() and watch()',
  scoreThreshold: '"minScore" of detect(), embed() and watch()',
  minDetectionConfidence: '"minScore" of detect(), embed() and watch()',
  maxResults: '"maxFaces" of detect(), embed() and watch()',
  maxDetected: '"maxFaces" of detect(), embed() and watch()',
  numFaces: '"maxFaces" of detect(), embed() and watch()',
  inputSize: '"minSize" of detect(), embed() and watch(), the side of the smallest face in pixels',
  minFaceSize: '"minSize" of detect(), embed() and watch()',
  rotation: '"thorough" of detect(), embed() and watch()',
  threshold: '"far" of compare() and identify(), the rate of false accepts; the distance follows from it',
  distanceThreshold: '"far" of compare() and identify(), the rate of false accepts; the distance follows from it',
  modelPath: '"models" of load(), the URL of the models folder',
  modelsPath: '"models" of load(), the URL of the models folder',
  modelBasePath: '"models" of load(), the URL of the models folder',
  modelAssetPath: '"models" of load(), the URL of the models folder',
  wasmPath: '"models" of load(): the WebAssembly is in the models folder',
  wasmPaths: '"models" of load(): the WebAssembly is in the models folder',
  delegate: '"backend" of load()',
  runtime: '"backend" of load()',
  executionProviders: '"backend" of load()',
  numThreads: '"threads" of load()',
};

/** The name that differs from a misspelt one by the fewest letters; undefined if none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const ranked = known
    .map((candidate) => ({ candidate, edits: editDistance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best && best.edits <= Math.max(2, name.length / 3) ? best.candidate : undefined;
}

/** The number of letters to insert, delete or replace (Levenshtein distance). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

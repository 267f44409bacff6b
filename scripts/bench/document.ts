import { memoryText, scaleText } from './document-scale.ts';
import { answerTable, embeddingTable, ratioTable, stageList, startTable } from './document-tables.ts';
import { attainableText, mediaPipeText, targetsText, threadsText } from './document-targets.ts';
import { profileText } from './profile.ts';
import type { Report } from './report.ts';
import { layersText, runtimesText } from './runtimes/document-runtimes.ts';

/** The figures as tables in Markdown. */
export function tables(report: Report): string {
  const { threads, scale, machine, notStarted, runtimes, runtimesOnTwoThreads, runtimeBytes, layers, profile, memory } =
    report;
  return [
    ratioTable(report),
    targetsText(report),
    mediaPipeText(report),
    embeddingTable(report),
    startTable(report),
    stageList(report),
    attainableText(report),
    ...(threads ? [threadsText(threads, machine.cores)] : []),
    ...(scale ? [scaleText(scale)] : []),
    ...(runtimes && runtimesOnTwoThreads && runtimeBytes
      ? [runtimesText({ oneThread: runtimes, twoThreads: runtimesOnTwoThreads, bytes: runtimeBytes })]
      : []),
    ...(profile ? [profileText(profile)] : []),
    ...(memory ? [memoryText(memory)] : []),
    ...(layers ? [layersText(layers)] : []),
    answerTable(report),
    ...Object.entries(notStarted).map(([name, reason]) => `Not measured: ${name} (${reason}).\n`),
  ].join('\n');
}

/** The text of docs/performance.md. */
export function document(report: Report): string {
  const { cpu, cores, browser } = report.machine;
  return `# Performance

\`\`\`sh
npm run bench                                                     # everything, and writes this page
npm run bench -- --only fast,face-api --rounds 5 --json figures.json
\`\`\`

Written by \`npm run bench\`; do not edit.

Machine: ${cpu}, ${cores} cores, headless ${browser}; ${report.rounds} rounds. The machine is shared, so
times vary from run to run. Ratios are reliable: both sides were measured alternately in one run.

Every system runs in a page of its own, on WebAssembly with SIMD unless its name says otherwise, on
one thread: facenet-web on its own kernels, the peers on TensorFlow.js. The pages are not
cross-origin isolated. facenet-web runs its networks in a worker, which is its default; \`-page\`
after a name means that they run on the page's thread, as the peers' do.

face-api is \`detectAllFaces().withFaceLandmarks().withFaceDescriptors()\`. \`human\` has detector,
mesh and description only, \`human-defaults\` also body, hands, iris and emotion. Both may find ten
faces instead of one, and their cache between frames is off for photos and on for video.

\`mediapipe+ort\` and \`mediapipe+litert\` are FaceLandmarker of tasks-vision, whose points give a crop
for MobileFaceNet on ONNX Runtime Web or LiteRT.js, as a developer would write it
(\`scripts/bench/mediapipe/glue.ts\`). The landmarker's bundle holds the short-range detector and the
face mesh of 192×192 inputs, since no npm package has Google's, whose mesh has 256×256. It needs
WebGL, which the processor emulates here.

facenet-web is called as documented: in photos it also searches rotated views, which the peers do
not. \`thorough: false\` skips them.

${graphicsText(report)}"Emulated" means that the processor emulates the graphics card, which says nothing about speed. Only
\`fast\` runs on it, on one face, once after warming up, to check that it works.

${tables(report)}`;
}

/** States that no graphics card was measured; empty if one was. */
function graphicsText({ systems }: Report): string {
  const onGpu = Object.values(systems).filter(({ backend }) => backend !== 'wasm');
  if (onGpu.some(({ emulated }) => !emulated)) return '';
  return `No machine with a graphics card was available, so the speed of WebGL and WebGPU was not measured${onGpu.length > 0 ? ',\nonly that they run, emulated' : ''}.
Tests compare their answers with those of WebAssembly.

`;
}

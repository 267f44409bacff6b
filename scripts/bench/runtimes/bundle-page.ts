import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { ModelDescriptor } from '../../../lib/models/manifest.ts';
import { readGraphModel } from '../../../lib/runtime/graph-model.ts';
import { readManifest } from '../../kit/manifest.ts';
import { repositoryPath } from '../../kit/paths.ts';
import { addMetadata } from '../../prepare/networks/tflite-metadata.ts';
import { networkNames } from './names.ts';
import { onnxModel } from './onnx-model.ts';
import type { PortableGraph } from './portable-graph.ts';
import { readPortableGraph } from './read-portable-graph.ts';
import { taskBundle, withIrisPoints } from './task-bundle.ts';
import { tfliteModel } from './tflite-model.ts';

/** What the pages of the benchmark of runtimes need, by URL prefix. */
export const runtimeFolders: Record<string, string> = {
  '/runtimes': repositoryPath('.cache/runtimes'),
  '/onnxruntime': repositoryPath('node_modules/onnxruntime-web/dist'),
  '/litert': repositoryPath('node_modules/@litertjs/core/wasm'),
};

/** The descriptors of the networks, in the order of {@link networkNames}. */
export function networkDescriptors(): ModelDescriptor[] {
  const { models } = readManifest();
  return networkNames.map((name) => models.find((model) => model.name === name) as ModelDescriptor);
}

/** Bundles the scripts of the pages, and writes each network as .onnx and .tflite. */
export async function prepareRuntimes(): Promise<void> {
  const folder = runtimeFolders['/runtimes'] as string;
  mkdirSync(folder, { recursive: true });
  for (const descriptor of networkDescriptors()) {
    const graph = readPortableGraph(
      readGraphModel(readFiles(descriptor)),
      descriptor.input.shape.slice(1),
      outputNames(descriptor),
    );
    writeFileSync(join(folder, `${descriptor.name}.onnx`), onnxModel(graph));
    writeFileSync(join(folder, `${descriptor.name}.tflite`), tfliteModel(graph));
    if (descriptor.name === 'facemesh-468') writeFileSync(join(folder, 'face_landmarker.task'), landmarkerTask(graph));
  }
  await build({
    entryPoints: ['runtimes/page', 'runtimes/kernels-worker', 'runtimes/layers-page', 'profile-page'].map((name) =>
      repositoryPath(`scripts/bench/${name}.ts`),
    ),
    outdir: folder,
    entryNames: '[name]',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
    external: ['/onnxruntime/*'],
  });
  await build({
    entryPoints: ['ort-page', 'litert-page'].map((name) => repositoryPath(`scripts/bench/mediapipe/${name}.ts`)),
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
    external: ['/onnxruntime/*'],
  });
}

/** The bundle for MediaPipe's FaceLandmarker: the short-range detector, and a face mesh, whose input is 0 to 1. */
function landmarkerTask(mesh: PortableGraph): Uint8Array {
  const detector = readFileSync(repositoryPath('public/models/mediapipe-blazeface-short/blazeface-short.tflite'));
  const landmarks = addMetadata(tfliteModel(withIrisPoints(mesh)), { mean: 0, std: 255 }, 2);
  return taskBundle({ 'face_detector.tflite': detector, 'face_landmarks_detector.tflite': landmarks });
}

function readFiles({ files }: ModelDescriptor) {
  const [json, weights] = files.map(
    ({ path }) => new Uint8Array(readFileSync(repositoryPath(`public/models/${path}`))),
  );
  return { json, weights } as Parameters<typeof readGraphModel>[0];
}

function outputNames({ outputs }: ModelDescriptor): string[] {
  return outputs.map(({ name }) => name);
}

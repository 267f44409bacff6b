import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { seeded } from '../../lib/core/random.ts';
import { writeOnnx } from '../../test/support/published/onnx-writer.ts';
import { runNode } from '../support/command.ts';
import { expect, ownModels, test } from '../support/library.ts';

/** Networks of facenet-pytorch's own code, with random weights (test/reference/conversion/state_dicts.py --large). */
const facenetPytorch = join(String(process.env.FACENET_PYTORCH_FILES), 'inception.pt');

/**
 * Files of the layouts of those that the examples name, which cannot be downloaded here: with random weights, but for a MobileFaceNet
 * of 512 dimensions, as w600k_mbf is one, with those of another training.
 */
const standIns: Record<string, string> = {
  '20180402-114759-vggface2.pt': facenetPytorch,
  'buffalo_s/det_500m.onnx': 'test/reference/scrfd-random.onnx',
  'buffalo_s/w600k_mbf.onnx': 'node_modules/faceplugin-face-recognition-js/model/fr_feature.onnx',
  'face_detection_yunet_2023mar.onnx': 'test/reference/yunet-random.onnx',
};

/** The commands `add-model` of the examples of docs/models.md: the files and the options. */
function documentedCommands(): string[][] {
  const text = readFileSync('docs/models.md', 'utf8');
  const examples = text.slice(text.indexOf('## Three examples'), text.indexOf('## File formats'));
  return [...examples.matchAll(/^npx facenet-web add-model (.*)$/gm)].map(([, line = '']) => line.split(' '));
}

const commandsOf = (presets: readonly string[]) =>
  documentedCommands().filter((words) => presets.includes(words[words.indexOf('--preset') + 1] ?? ''));

/** Runs the commands of an example on its stand-ins, and enters a calibration, as `evaluate --calibrate` does. */
async function addModels(folder: string, presets: readonly string[]): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const commands = commandsOf(presets);
  expect(commands).toHaveLength(presets.length);
  for (const [file = '', ...options] of commands) {
    const given = join(folder, 'downloads', file);
    mkdirSync(dirname(given), { recursive: true });
    if (file === 'face_recognition_sface_2021dec.onnx') writeFileSync(given, sface());
    else copyFileSync(standIns[file] as string, given);
    const args = options.map((word) => (word === 'public/own' ? folder : word));
    const { code, stdout, stderr } = await runNode('dist/bin/facenet-web.js', 'add-model', given, ...args);
    expect(code, stderr).toBe(0);
    expect(stdout).not.toContain('TensorFlow.js');
  }
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  const embedder = manifest.models.find(({ task }: { task: string }) => task === 'embedding');
  embedder.calibration = { logOdds: [10, -20], thresholds: [{ far: 1e-3, distance: 0.5 }] };
  writeFileSync(path, JSON.stringify(manifest));
}

/** A small file of SFace's layout, as MXNet exported it: the normalisation is in the graph, and 128 dimensions follow a product. */
function sface(): Uint8Array {
  const random = seeded(6);
  const noise = (...shape: number[]) => ({
    shape,
    floats: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (random() - 0.5) / 4),
  });
  const ones = (length: number) => ({ shape: [length], floats: new Array<number>(length).fill(1) });
  const statistics = ['g', 'b', 'm', 'v'];
  return writeOnnx(
    [
      { op: 'Sub', inputs: ['x', 'mean'], output: 'minusscalar0' },
      { op: 'Mul', inputs: ['minusscalar0', 'factor'], output: 'mulscalar0' },
      { op: 'Conv', inputs: ['mulscalar0', 'w1'], output: 'c1', attributes: { strides: [2, 2], pads: [1, 1, 1, 1] } },
      { op: 'BatchNormalization', inputs: ['c1', ...statistics.map((name) => `${name}1`)], output: 'n1' },
      { op: 'PRelu', inputs: ['n1', 'slopes'], output: 'p1' },
      { op: 'Conv', inputs: ['p1', 'w2'], output: 'c2', attributes: { group: 16, strides: [8, 8] } },
      { op: 'BatchNormalization', inputs: ['c2', ...statistics.map((name) => `${name}1`)], output: 'n2' },
      { op: 'Dropout', inputs: ['n2'], output: 'd2' },
      { op: 'Flatten', inputs: ['d2'], output: 'f' },
      { op: 'Gemm', inputs: ['f', 'w3', 'b3'], output: 'pre_fc1', attributes: { transB: 1 } },
      { op: 'BatchNormalization', inputs: ['pre_fc1', ...statistics.map((name) => `${name}3`)], output: 'y' },
    ],
    {
      mean: { shape: [1], floats: [127.5] },
      factor: { shape: [1], floats: [0.0078125] },
      w1: noise(16, 3, 3, 3),
      slopes: { ...noise(16), shape: [16, 1, 1] },
      w2: noise(16, 1, 7, 7),
      ...Object.fromEntries(
        statistics.map((name) => [`${name}1`, name === 'b' || name === 'm' ? noise(16) : ones(16)]),
      ),
      w3: noise(128, 784),
      b3: noise(128),
      ...Object.fromEntries(
        statistics.map((name) => [`${name}3`, name === 'b' || name === 'm' ? noise(128) : ones(128)]),
      ),
    },
    { input: [1, 3, 112, 112], opset: 9 },
  );
}

const examples: {
  title: string;
  presets: string[];
  names: { detector?: string; embedder: string };
  dimension: number;
}[] = [
  {
    title: 'FaceNet of facenet-pytorch (needs FACENET_PYTORCH_FILES)',
    presets: ['facenet-pytorch'],
    names: { embedder: 'facenet-pytorch' },
    dimension: 512,
  },
  {
    title: "InsightFace's buffalo_s",
    presets: ['scrfd', 'insightface-arcface'],
    names: { detector: 'scrfd', embedder: 'insightface-arcface' },
    dimension: 512,
  },
  {
    title: 'YuNet and SFace of OpenCV Zoo',
    presets: ['yunet', 'opencv-sface'],
    names: { detector: 'yunet', embedder: 'opencv-sface' },
    dimension: 128,
  },
];

for (const [i, { title, presets, names, dimension }] of examples.entries()) {
  test(`the commands of the example ${title} lead to a verdict`, async ({ page }) => {
    test.skip(presets.includes('facenet-pytorch') && !existsSync(facenetPytorch), 'needs FACENET_PYTORCH_FILES');
    await addModels(join(ownModels, `example-${i}`), presets);
    const result = await page.evaluate(
      async ({ folder, names }) => {
        const facenet = await library.FaceNet.load({ models: [folder, '/models/'], preset: 'fast', ...names });
        // Random weights find faces anywhere in it.
        const image = await photo('/photos/sample1.jpg');
        const [[a], [b]] = await Promise.all([
          facenet.embed(image, { maxFaces: 1 }),
          facenet.embed(image, { maxFaces: 1 }),
        ]);
        if (!a || !b) throw new Error('There is no face.');
        const { same, distance } = facenet.compare(a, b);
        const { models } = facenet;
        await facenet.dispose();
        return { models, dimension: a.embedding.length, same, distance };
      },
      { folder: `/own/example-${i}/`, names },
    );
    expect(result).toMatchObject({ models: names, dimension, same: true });
    expect(result.distance).toBeLessThan(1e-6);
  });
}

// The only stand-in with the weights of a training, so that its verdicts mean something. The detector has random weights.
test('fr_feature.onnx, added by the command of buffalo_s, tells the people of different photos apart', async ({
  page,
}) => {
  await page.route('**/people/*.jpg', (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1);
    return route.fulfill({ path: `demo/samples/${name}` });
  });
  await addModels(join(ownModels, 'trained'), ['scrfd', 'insightface-arcface']);
  const verdicts = await page.evaluate(async () => {
    const facenet = await library.FaceNet.load({
      ...{ models: ['/own/trained/', '/models/'], preset: 'fast', embedder: 'insightface-arcface' },
    });
    const faceIn = async (name: string) => {
      const [face] = await facenet.embed(await photo(`/people/${name}.jpg`), { maxFaces: 1 });
      if (!face) throw new Error(`There is no face in ${name}.`);
      return face;
    };
    const man = await faceIn('man-webcam');
    const verdicts = {
      sameMan: facenet.compare(man, await faceIn('man-indoors')).same,
      sameOfficer: facenet.compare(await faceIn('officer'), await faceIn('officer-print')).same,
      manAndOfficer: facenet.compare(man, await faceIn('officer')).same,
      manAndAstronaut: facenet.compare(man, await faceIn('astronaut')).same,
    };
    await facenet.dispose();
    return verdicts;
  });
  expect(verdicts).toEqual({ sameMan: true, sameOfficer: true, manAndOfficer: false, manAndAstronaut: false });
});

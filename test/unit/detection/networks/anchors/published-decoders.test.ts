import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { detectionPresets } from '../../../../../cli/convert/presets/detection-presets.ts';
import { seeded } from '../../../../../lib/core/random.ts';
import { anchorDecoder } from '../../../../../lib/detection/networks/anchors/decode-anchors.ts';
import { suppressCandidates } from '../../../../../lib/detection/networks/anchors/suppress-candidates.ts';
import type { Candidate } from '../../../../../lib/detection/suppression.ts';
import type { AnchorHead } from '../../../../../lib/models/manifest.ts';

// The outputs are random. test/reference/decoders.py draws the same ones and decodes them as the publishers' code does.

const script = 'test/reference/decoders.py';
const recorded = 'test/reference/decoders.json';

interface Reference {
  detectors: {
    name: string;
    preset: string;
    width: number;
    height: number;
    seed: number;
    faces: [box: number[], score: number, points: number[] | null][];
  }[];
  landmarkers: { preset: string; seed: number; points: number[] }[];
}

const reference = JSON.parse(readFileSync(recorded, 'utf8')) as Reference;

/** An output of a network. */
interface Output {
  name: string;
  values: Float32Array;
}

/** The outputs of a network of a published layout, in the order of its file. */
function outputsOf({ name, width, height, seed }: Reference['detectors'][number]): Output[] {
  const random = seeded(seed);
  const uniform = (count: number, low: number, high: number) =>
    Array.from({ length: count }, () => low + random() * (high - low));
  const scores = (count: number) =>
    Array.from({ length: count }, () => random()).map((u) => (u >= 0.98 ? 0.5 + (u - 0.98) * 25 : 0.3 * u));
  const pairs = (values: number[]) => values.flatMap((score) => [1 - score, score]);
  const output = (values: number[], label = 'output'): Output => ({ name: label, values: Float32Array.from(values) });
  const cells = (stride: number) => Math.ceil(width / stride) * Math.ceil(height / stride);
  const strides = [8, 16, 32];
  if (name === 'yunet') {
    return [
      ...strides.map((stride) => output(scores(cells(stride)), `cls_${stride}`)),
      ...strides.map((stride) => output(uniform(cells(stride), 0.8, 1.1), `obj_${stride}`)),
      ...strides.map((stride) => output(uniform(cells(stride) * 4, 0, 1.5), `bbox_${stride}`)),
      ...strides.map((stride) => output(uniform(cells(stride) * 10, -1, 2), `kps_${stride}`)),
    ];
  }
  if (name.startsWith('scrfd')) {
    return [
      ...strides.map((stride) => output(scores(2 * cells(stride)))),
      ...strides.map((stride) => output(uniform(2 * cells(stride) * 4, 0.5, 4))),
      ...(name.includes('without') ? [] : strides.map((stride) => output(uniform(2 * cells(stride) * 10, -2, 2)))),
    ];
  }
  if (name.startsWith('retinaface')) {
    const count = 2 * strides.reduce((sum, stride) => sum + cells(stride), 0);
    return [output(uniform(count * 4, -2, 2)), output(pairs(scores(count))), output(uniform(count * 10, -4, 4))];
  }
  const count = 3 * cells(8) + 2 * cells(16) + 2 * cells(32) + 3 * cells(64);
  if (name.endsWith('raw')) return [output(uniform(count * 2, -0.5, 0.5)), output(uniform(count * 4, -2, 2))];
  const confidences = output(pairs(scores(count)));
  const quadruples = uniform(count * 4, 0, 1);
  const corners = Array.from({ length: count }, (_, i) => {
    const [x = 0, y = 0, w = 0, h = 0] = quadruples.slice(4 * i, 4 * i + 4);
    return [x * 0.7, y * 0.7, x * 0.7 + 0.05 + 0.25 * w, y * 0.7 + 0.05 + 0.25 * h];
  });
  return [confidences, output(corners.flat())];
}

/** The head of the preset, and the outputs. */
function network(example: Reference['detectors'][number]): { head: AnchorHead; outputs: Float32Array[] } {
  const outputs = outputsOf(example);
  const preset = detectionPresets[example.preset];
  const operators = example.name.endsWith('raw')
    ? []
    : ['Softmax', ...(example.name.endsWith('decoded') ? ['Exp'] : [])];
  const head = preset?.head({
    input: example,
    outputs: outputs.map(({ name, values }) => ({ name, length: values.length })),
    operators: new Set(operators),
  });
  // OpenCV is asked for all its candidates.
  const maxOverlap = example.preset === 'yunet' ? 1 : (head as AnchorHead).suppression.maxOverlap;
  return {
    head: { ...(head as AnchorHead), suppression: { method: 'hard', maxOverlap } },
    outputs: outputs.map(({ values }) => values),
  };
}

function values({ box, score, keypoints }: Candidate): number[] {
  const { rightEye, leftEye, noseTip, rightMouthCorner, leftMouthCorner } = keypoints ?? {};
  const points = [rightEye, leftEye, noseTip, rightMouthCorner, leftMouthCorner];
  return [box.x, box.y, box.width, box.height, score, ...points.flatMap((point) => (point ? [point.x, point.y] : []))];
}

describe.each(reference.detectors)('the decoder of $name', (example) => {
  test('gives the faces of the published code', () => {
    const { head, outputs } = network(example);
    const found = suppressCandidates(anchorDecoder(example.name, head, example)(outputs), head.suppression);
    expect(found.length).toBe(example.faces.length);
    expect(found.length).toBeGreaterThan(20);
    for (const [i, [box, score, points]] of example.faces.entries()) {
      const expected = [...box, score, ...(points ?? [])];
      const difference = values(found[i] as Candidate).map((value, j) => Math.abs(value - (expected[j] as number)));
      expect(Math.max(...difference), `face ${i}, in pixels`).toBeLessThan(1e-3);
      expect(difference).toHaveLength(expected.length);
    }
  });

  test('refuses outputs of other lengths', () => {
    const { head, outputs } = network(example);
    const damaged = outputs.map((output) => output.subarray(1));
    expect(() => anchorDecoder(example.name, head, example)(damaged)).toThrow(
      expect.objectContaining({ code: 'manifest-invalid' }),
    );
  });
});

test('the recorded references are what the script computes now', { timeout: 60_000 }, ({ skip }) => {
  const python = process.env.REFERENCE_PYTHON ?? 'python3';
  const imports = spawnSync(python, ['-c', 'import cv2, numpy, onnx'], { encoding: 'utf8' });
  if (imports.status !== 0) skip(`${python} lacks numpy, onnx or OpenCV: see ${script}`);
  const folder = mkdtempSync(join(tmpdir(), 'decoders-'));
  try {
    const file = join(folder, 'decoders.json');
    const { status, stderr } = spawnSync(python, [script, file], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const again = JSON.parse(readFileSync(file, 'utf8')) as Reference;
    const flat = (report: Reference) =>
      JSON.stringify(report)
        .match(/-?\d+(\.\d+)?(e-?\d+)?/g)
        ?.map(Number) ?? [];
    const [now, before] = [flat(again), flat(reference)];
    expect(now).toHaveLength(before.length);
    expect(Math.max(...now.map((value, i) => Math.abs(value - (before[i] as number))))).toBeLessThan(2e-3);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

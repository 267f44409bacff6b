import { describe, expect, test } from 'vitest';
import type { QualityAdviceCode, QualityComponentName } from '../../../lib/core/quality-components.ts';
import { seeded } from '../../../lib/core/random.ts';
import type { LandmarkScheme, Pixels, Point } from '../../../lib/core/types.ts';
import { pointCounts } from '../../../lib/landmarks/schemes.ts';
import { qualityAdvice } from '../../../lib/quality/advice.ts';
import { adviceLimits } from '../../../lib/quality/advice-limits.ts';
import type { QualityInput } from '../../../lib/quality/components.ts';
import { assessQuality } from '../../../lib/quality/quality.ts';
import { type Drawing, drawnFace, recoloured, withFivePoints } from '../../support/drawn-face.ts';

const allNames = Object.keys(adviceLimits);
const componentsOf = (input: QualityInput) => assessQuality(input).components;
const good = drawnFace();

/** The picture's pixels in blocks of 8 × 8, each of one colour. */
function blocked({ crop, toPicture }: QualityInput): Pixels {
  const blockOf = (pixel: number) => {
    const x = toPicture.a * ((pixel % crop.width) + 0.5) + toPicture.e;
    const y = toPicture.d * (Math.floor(pixel / crop.width) + 0.5) + toPicture.f;
    return `${Math.floor(x / 8)} ${Math.floor(y / 8)}`;
  };
  const colours = new Map<string, number>();
  return recoloured(crop, (value, pixel, channel) => {
    const block = `${blockOf(pixel)} ${channel}`;
    if (!colours.has(block)) colours.set(block, value);
    return colours.get(block) as number;
  });
}

/** Averages each pixel's surroundings, twice. */
function blurred(crop: Pixels): Pixels {
  return averaged(averaged(crop));
}

function averaged(crop: Pixels, radius = 4): Pixels {
  const { width, height, data } = crop;
  return recoloured(crop, (_, pixel, channel) => {
    let sum = 0;
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        const x = Math.min(width - 1, Math.max(0, (pixel % width) + dx));
        const y = Math.min(height - 1, Math.max(0, Math.floor(pixel / width) + dy));
        sum += data[4 * (y * width + x) + channel] as number;
      }
    }
    return sum / (2 * radius + 1) ** 2;
  });
}

const withCrop = (change: (crop: Pixels) => Pixels): QualityInput => ({ ...good, crop: change(good.crop) });
const placed = (scale: number, x: number, y: number, width = 360, height = 400): Drawing => ({
  toPicture: { a: scale, b: 0, c: 0, d: scale, e: x, f: y },
  picture: { width, height },
});
const within = ({ x, y }: Point, left: number, top: number, right: number, bottom: number) =>
  x > left && x < right && y > top && y < bottom;
const sunglasses = drawnFace({
  cover: (point) => (within(point, 24, 43, 53, 62) || within(point, 59, 43, 88, 62) ? [25, 25, 30] : undefined),
});
/** A face with the contrast that light from one side gives. */
const sideLit = drawnFace({ light: ({ x }) => 1.2 - x / 160 });
const blurredFace = { ...sideLit, crop: blurred(sideLit.crop) };
const mask = drawnFace({ cover: (point) => (within(point, 10, 68, 102, 112) ? [150, 190, 215] : undefined) });

describe('the components of a well-lit frontal face', () => {
  test('are complete, and give no advice', () => {
    const { components } = assessQuality(good);
    expect(Object.keys(components).sort()).toEqual([...allNames].sort());
    expect(qualityAdvice({ components })).toEqual([]);
  });

  test('lack those that need lids, lips or a chin with the five points of MTCNN', () => {
    const present = Object.keys(componentsOf(withFivePoints(good)));
    const absent = allNames.filter((name) => !present.includes(name));
    expect(absent.sort()).toEqual(
      ['downwardCropOfTheFaceImage', 'eyesOpen', 'headSize', 'mouthClosed', 'upwardCropOfTheFaceImage'].sort(),
    );
  });

  test('have the raw values of their units', () => {
    const components = componentsOf(good);
    expect(components.interEyeDistance?.value).toBeCloseTo(70.4, 0);
    expect(components.headSize?.value).toBeCloseTo((2 * (109 - 51.6)) / 400, 2);
    expect(components.headPoseYaw?.value).toBeCloseTo(0, 0);
    expect(components.compressionArtifacts?.value).toBeCloseTo(1, 0);
    expect(components.dynamicRange?.value).toBeGreaterThan(4);
    expect(components.dynamicRange?.value).toBeLessThan(8);
  });
});

/** Poor faces, the component that falls, and its advice. */
const cases: [name: string, input: QualityInput, component: QualityComponentName, advice: QualityAdviceCode][] = [
  ['a dark face', drawnFace({ light: () => 0.15 }), 'luminanceMean', 'more-light'],
  [
    'a face of which nearly all pixels are black',
    drawnFace({ light: () => 0.1 }),
    'underExposurePrevention',
    'more-light',
  ],
  ['an overexposed face', drawnFace({ light: () => 2.2 }), 'overExposurePrevention', 'less-light'],
  [
    'a face whose left side is in shadow',
    drawnFace({ light: ({ x }) => (x > 56 ? 0.35 : 1) }),
    'illuminationUniformity',
    'light-left-side',
  ],
  [
    'a face whose right side is in shadow',
    drawnFace({ light: ({ x }) => (x < 56 ? 0.35 : 1) }),
    'illuminationUniformity',
    'light-right-side',
  ],
  ['a flat grey crop', withCrop((crop) => recoloured(crop, () => 120)), 'dynamicRange', 'more-contrast'],
  ['a crop without contrast', withCrop((crop) => recoloured(crop, () => 120)), 'luminanceVariance', 'more-contrast'],
  ['a blurred face', blurredFace, 'sharpness', 'hold-still'],
  ['a face in JPEG blocks', { ...good, crop: blocked(good) }, 'compressionArtifacts', 'less-compression'],
  [
    'a green face',
    withCrop((crop) => recoloured(crop, (value, _, channel) => (channel === 1 ? value : value / 2))),
    'naturalColour',
    'natural-colour',
  ],
  ['a face with sunglasses', sunglasses, 'eyesVisible', 'uncover-eyes'],
  ['a face with a mask', mask, 'mouthOcclusionPrevention', 'uncover-mouth'],
  ['closed eyes', drawnFace({ eyeOpening: 0.2 }), 'eyesOpen', 'open-eyes'],
  ['an open mouth', drawnFace({ mouthOpening: 24 }), 'mouthClosed', 'close-mouth'],
  ['a small face', drawnFace(placed(0.5, 60, 60)), 'interEyeDistance', 'move-closer'],
  ['a face that fills the picture', drawnFace(placed(5, 0, 0, 560, 400)), 'headSize', 'move-back'],
  ['a face cut off on the left', drawnFace(placed(2, -65, 60)), 'leftwardCropOfTheFaceImage', 'move-to-middle'],
  ['a face cut off on the right', drawnFace(placed(2, 205, 60)), 'rightwardCropOfTheFaceImage', 'move-to-middle'],
  ['a face cut off at the top', drawnFace(placed(2, 60, -50)), 'downwardCropOfTheFaceImage', 'move-to-middle'],
  ['a face cut off at the bottom', drawnFace(placed(2, 60, 230)), 'upwardCropOfTheFaceImage', 'move-to-middle'],
  [
    'a rolled face',
    drawnFace({ toPicture: { a: 0, b: 2, c: -2, d: 0, e: 300, f: 60 } }),
    'headPoseRoll',
    'head-upright',
  ],
];

describe('a component', () => {
  test.each(cases)('falls for %s, and advises', (_, input, component, advice) => {
    const poor = componentsOf(input)[component];
    const before = componentsOf(good)[component];
    expect(poor?.score).toBeLessThan(before?.score as number);
    expect(poor?.advice).toBe(advice);
  });

  test.each([
    ['yaw', 'headPoseYaw'],
    ['pitch', 'headPosePitch'],
  ] as const)('falls with the %s', (axis, component) => {
    const turned = drawnFace();
    for (const point of turned.landmarks.points) {
      const [middle, key] = axis === 'yaw' ? [172, 'x' as const] : [180, 'y' as const];
      point[key] = middle + (point[key] - middle) * 0.6;
    }
    // The tip of the nose moves to the side of the turn.
    for (const i of [30, 33]) (turned.landmarks.points[i] as Point)[axis === 'yaw' ? 'x' : 'y'] += 22;
    const score = componentsOf(turned)[component]?.score;
    expect(score).toBeLessThan(componentsOf(good)[component]?.score as number);
  });
});

describe('qualityAdvice', () => {
  test('lists the worst component first, each advice once', () => {
    const dark = drawnFace({ ...placed(0.55, 60, 60), light: () => 0.12 });
    const quality = assessQuality(dark);
    const advice = qualityAdvice(quality);
    const shares = advice.map(
      ({ component }) => (quality.components[component]?.score ?? Number.NaN) / adviceLimits[component],
    );
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    const codes = advice.map(({ code }) => code);
    expect(codes).toContain('more-light');
    expect(codes).toContain('move-closer');
    expect(new Set(codes).size).toBe(codes.length);
    for (const { text } of advice) expect(text).toMatch(/^[A-Z].*\.$/);
  });

  test('lists nothing for a quality without components', () => {
    expect(qualityAdvice({ components: {} })).toEqual([]);
  });
});

test('the overall quality falls for sunglasses, for a mask and for blur', () => {
  const overall = (input: QualityInput) => assessQuality(input).overall;
  for (const poor of [sunglasses, mask, blurredFace]) {
    expect(overall(poor)).toBeLessThan(0.7 * overall(good));
  }
});

const schemes = Object.keys(pointCounts) as LandmarkScheme[];
test.each(schemes)('every score of random crops and points of the scheme %s is an integer from 0 to 100', (scheme) => {
  const next = seeded(scheme.length);
  for (let round = 0; round < 40; round++) {
    const [width, height] = [20 + Math.floor(next() * 140), 20 + Math.floor(next() * 140)];
    const spread = round % 4 === 0 ? 0 : next() * 300;
    const points = Array.from({ length: pointCounts[scheme] }, () => ({ x: next() * spread, y: next() * spread }));
    const level = next() * 255;
    const data = new Uint8ClampedArray(width * height * 4).map(() => (round % 3 === 0 ? level : next() * 255));
    const scale = 0.1 + next() * 4;
    const { components } = assessQuality({
      landmarks: { scheme, points },
      crop: { width, height, data },
      toPicture: { a: scale, b: scale * (next() - 0.5), c: scale * (next() - 0.5), d: scale, e: next() * 50, f: 9 },
      picture: { width: 300, height: 300 },
    });
    for (const { value, score } of Object.values(components)) {
      expect(Number.isFinite(value)).toBe(true);
      expect(Number.isInteger(score) && score >= 0 && score <= 100).toBe(true);
    }
  }
});

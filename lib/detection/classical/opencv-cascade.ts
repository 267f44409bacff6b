import { FaceNetError } from '../../core/errors.ts';
import { parseXml, type XmlElement } from './xml.ts';

/** A rectangle of a Haar-like feature, in pixels of the cascade's window, and what the sum of its pixels is multiplied by. */
export interface HaarRectangle {
  x: number;
  y: number;
  width: number;
  height: number;
  weight: number;
}

/** A Haar-like feature: two or three weighted rectangles, upright or, if `tilted`, turned by 45° about their corner (x, y). */
export interface HaarFeature {
  tilted: boolean;
  rectangles: HaarRectangle[];
}

/**
 * A cascade of boosted trees on Haar-like features (Viola & Jones 2001), laid out flat: the stages' trees, the trees' nodes
 * and the trees' leaves each follow one another in the order in which they are asked.
 */
export interface Cascade {
  /** The size of the window, in pixels. */
  width: number;
  height: number;
  features: HaarFeature[];
  /** For each stage: how many trees it has, and the sum of their answers that it takes to pass. */
  stageTrees: Int32Array;
  stageThresholds: Float32Array;
  /** For each tree: how many nodes it has; it has one leaf more. */
  treeNodes: Int32Array;
  /** For each node: the feature it asks, below which value it goes left, and where to: a later node of the tree, counted
   * from its first, or, 0 and below, a leaf of the tree, counted downwards. */
  nodeFeatures: Int32Array;
  nodeThresholds: Float32Array;
  nodeLeft: Int32Array;
  nodeRight: Int32Array;
  /** The trees' answers. */
  leaves: Float32Array;
}

/** Beyond these a file is no detector of faces but an attempt to keep the page busy; OpenCV's largest has a third of them. */
const mostCharacters = 8_000_000;
const mostNodes = 1 << 15;
const largestWindow = 256;

/** OpenCV lets a window pass that misses a stage's threshold by this (`THRESHOLD_EPS`): rounding in the text must not tell. */
const thresholdTolerance = 1e-5;

/**
 * Reads a cascade from the text of an OpenCV file such as haarcascade_frontalface_default.xml: the form of OpenCV 2.4 and
 * later (`opencv_traincascade`), with stumps or trees on upright and tilted Haar-like features.
 *
 * @throws {FaceNetError} `option-invalid` for everything else, with what is wrong: the older form, the LBP and HOG features,
 *   text that is not XML, and trees or features that would lead outside the window or in a circle.
 */
export function parseCascade(xml: string): Cascade {
  if (typeof xml !== 'string') throw refused('it is not a string');
  if (xml.length > mostCharacters) throw refused(`it has more than ${mostCharacters} characters`);
  let root: XmlElement;
  try {
    root = parseXml(xml);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw refused(cause.message, cause);
    throw cause;
  }
  if (root.tag !== 'opencv_storage') throw refused(`its outermost element is <${root.tag}>, not <opencv_storage>`);
  const cascade = root.children[0];
  const featureType = cascade && textOf(cascade, 'featureType');
  if (!cascade || !featureType) throw refused('it has no featureType, so it may be of the form before OpenCV 2.4');
  if (featureType !== 'HAAR') throw refused(`its features are ${featureType}: only HAAR features are supported`);
  if (textOf(cascade, 'stageType') !== 'BOOST') throw refused('its stages are not boosted');
  const width = windowSide(cascade, 'width');
  const height = windowSide(cascade, 'height');
  const features = child(cascade, 'features').children.map((feature) => readFeature(feature, width, height));
  return { width, height, features, ...readStages(child(cascade, 'stages').children, features.length) };
}

type Stages = Omit<Cascade, 'width' | 'height' | 'features'>;

function readStages(stages: readonly XmlElement[], features: number): Stages {
  const stageTrees: number[] = [];
  const stageThresholds: number[] = [];
  const treeNodes: number[] = [];
  const nodes: number[][] = [];
  const leaves: number[] = [];
  for (const stage of stages) {
    const trees = child(stage, 'weakClassifiers').children;
    if (trees.length === 0) throw refused('a stage has no classifiers');
    stageTrees.push(trees.length);
    stageThresholds.push(number(textOf(stage, 'stageThreshold')) - thresholdTolerance);
    for (const tree of trees) {
      const treeLeaves = numbers(child(tree, 'leafValues'));
      if (nodes.length + treeLeaves.length > mostNodes) throw refused(`it has more than ${mostNodes} nodes`);
      const read = readNodes(numbers(child(tree, 'internalNodes')), treeLeaves.length, features);
      treeNodes.push(read.length);
      nodes.push(...read);
      leaves.push(...treeLeaves);
    }
  }
  if (stages.length === 0) throw refused('it has no stages');
  const column = (i: number) => nodes.map((node) => node[i] as number);
  return {
    stageTrees: Int32Array.from(stageTrees),
    stageThresholds: Float32Array.from(stageThresholds),
    treeNodes: Int32Array.from(treeNodes),
    nodeLeft: Int32Array.from(column(0)),
    nodeRight: Int32Array.from(column(1)),
    nodeFeatures: Int32Array.from(column(2)),
    nodeThresholds: Float32Array.from(column(3)),
    leaves: Float32Array.from(leaves),
  };
}

/** A tree's nodes, each as left, right, feature and threshold. They lead downwards only, so that every walk ends. */
function readNodes(values: readonly number[], leaves: number, features: number): number[][] {
  const count = values.length / 4;
  if (count < 1 || !Number.isInteger(count) || leaves !== count + 1) {
    throw refused('a tree has not four numbers for each node and one leaf more than nodes');
  }
  return Array.from({ length: count }, (_, i) => {
    const node = values.slice(4 * i, 4 * i + 4);
    const [left, right, feature] = node as [number, number, number];
    for (const next of [left, right]) {
      const known = Number.isInteger(next) && (next > 0 ? next > i && next < count : -next < leaves);
      if (!known) throw refused(`a tree leads to ${next}, which is none of its later nodes and leaves`);
    }
    if (!Number.isInteger(feature) || feature < 0 || feature >= features) {
      throw refused(`a tree asks for feature ${feature} of ${features}`);
    }
    return node;
  });
}

function readFeature(feature: XmlElement, width: number, height: number): HaarFeature {
  const tilted = (textOf(feature, 'tilted') ?? '0') !== '0';
  const rectangles = child(feature, 'rects').children.map((rectangle) => {
    const values = numbers(rectangle);
    const [x, y, w, h, weight] = values as [number, number, number, number, number];
    const whole = values.length === 5 && [x, y, w, h].every(Number.isInteger) && w > 0 && h > 0;
    const [left, right, bottom] = tilted ? [x - h, x + w, y + w + h] : [x, x + w, y + h];
    if (!whole || left < 0 || y < 0 || right > width || bottom > height) {
      throw refused(`a feature's rectangle "${rectangle.text.trim().slice(0, 80)}" is none within the window`);
    }
    return { x, y, width: w, height: h, weight };
  });
  if (rectangles.length < 2 || rectangles.length > 3) {
    throw refused(`a feature has ${rectangles.length} rectangles instead of two or three`);
  }
  return { tilted, rectangles };
}

function windowSide(cascade: XmlElement, tag: string): number {
  const side = number(textOf(cascade, tag));
  // The variance is taken of the window without its rim, so that three pixels are the least.
  if (!Number.isInteger(side) || side < 3 || side > largestWindow) {
    throw refused(`its window's ${tag} is ${side}: 3 to ${largestWindow} pixels are possible`);
  }
  return side;
}

function child({ tag, children }: XmlElement, wanted: string): XmlElement {
  const found = children.find((element) => element.tag === wanted);
  if (!found) throw refused(`its <${tag}> has no <${wanted}>`);
  return found;
}

function textOf({ children }: XmlElement, wanted: string): string | undefined {
  return children.find(({ tag }) => tag === wanted)?.text.trim();
}

function numbers({ text }: XmlElement): number[] {
  return text.trim().split(/\s+/).map(number);
}

function number(text: string | undefined): number {
  if (!text || !/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) || Math.abs(Number(text)) > 1e9) {
    throw refused(`"${(text ?? '').slice(0, 80)}" stands where a number is needed`);
  }
  return Number(text);
}

function refused(fault: string, cause?: unknown): FaceNetError {
  return new FaceNetError(
    'option-invalid',
    `This is no cascade that the Viola–Jones detector can use: ${fault}. Pass the text of a file such as OpenCV's haarcascade_frontalface_default.xml.`,
    { cause },
  );
}

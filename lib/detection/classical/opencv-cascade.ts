import type { Cascade, HaarFeature, HaarRectangle, PatternFeature } from './cascade.ts';
import { cascadeError, child, numbersIn, parseNumber, textOf } from './cascade-xml.ts';
import { convertOldFormat, isOldFormat } from './old-cascade.ts';
import { parseXml, type XmlElement } from './xml.ts';

/** Limits that keep a hostile file from blocking the page: about three times OpenCV's largest cascade. */
const maxCharacters = 8_000_000;
const maxNodes = 1 << 15;
const maxWindow = 256;

/** The minimum side of the window. The variance is measured without the window's outermost pixels. */
const minWindow = 3;

/** OpenCV lowers the stages' thresholds by this (`THRESHOLD_EPS`), so that rounding in the text does not matter. */
const thresholdTolerance = 1e-5;

/** A local binary pattern has 256 values: a node has a bit for each, in words of 32. */
const subsetWords = 8;

/**
 * Parses the text of an OpenCV cascade such as haarcascade_frontalface_default.xml: stumps or trees on upright and tilted Haar-like
 * features or on local binary patterns, in the format of OpenCV 2.4 and later (`opencv_traincascade`) or, for Haar-like features, in the one
 * before (`opencv_haartraining`).
 *
 * @throws {FaceNetError} `option-invalid`, with the reason, for any other text: HOG features, invalid XML, features outside the window, and
 *   trees whose nodes form a cycle.
 */
export function parseCascade(xml: string): Cascade {
  const root = cascadeElement(xml);
  const cascade = isOldFormat(root) ? convertOldFormat(root) : root;
  const featureType = textOf(cascade, 'featureType');
  if (featureType !== 'HAAR' && featureType !== 'LBP') {
    throw cascadeError(`its features are ${featureType ?? 'not named'}: only HAAR and LBP features are supported`);
  }
  if (textOf(cascade, 'stageType') !== 'BOOST') throw cascadeError('its stages are not boosted');
  const width = windowSide(cascade, 'width');
  const height = windowSide(cascade, 'height');
  const elements = child(cascade, 'features').children;
  const words = featureType === 'LBP' ? subsetWords : 0;
  const { subsets, ...stages } = parseStages(child(cascade, 'stages').children, elements.length, words);
  if (featureType === 'HAAR') {
    return { width, height, features: elements.map((feature) => parseFeature(feature, width, height)), ...stages };
  }
  const patterns = { features: elements.map((feature) => parsePattern(feature, width, height)), subsets };
  return { width, height, features: [], patterns, ...stages };
}

function parsePattern(feature: XmlElement, width: number, height: number): PatternFeature {
  const [x, y, w, h, ...rest] = numbersIn(child(feature, 'rect')) as [number, number, number, number];
  const isWhole = rest.length === 0 && [x, y, w, h].every(Number.isInteger) && w > 0 && h > 0;
  if (!isWhole || x < 0 || y < 0 || x + 3 * w > width || y + 3 * h > height) {
    throw cascadeError('a pattern is invalid or outside the window');
  }
  return { x, y, width: w, height: h };
}

/** Parses the file and returns its cascade element. */
function cascadeElement(xml: string): XmlElement {
  if (typeof xml !== 'string') throw cascadeError('it is not a string');
  if (xml.length > maxCharacters) throw cascadeError(`it has more than ${maxCharacters} characters`);
  let root: XmlElement;
  try {
    root = parseXml(xml);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw cascadeError(cause.message, cause);
    throw cause;
  }
  if (root.tag !== 'opencv_storage') throw cascadeError(`its root element is <${root.tag}>, not <opencv_storage>`);
  const [cascade] = root.children;
  if (!cascade) throw cascadeError('it is empty');
  return cascade;
}

function windowSide(cascade: XmlElement, tag: string): number {
  const side = parseNumber(textOf(cascade, tag));
  if (!Number.isInteger(side) || side < minWindow || side > maxWindow) {
    throw cascadeError(`its window's ${tag} is ${side}: ${minWindow} to ${maxWindow} pixels are supported`);
  }
  return side;
}

function parseFeature(feature: XmlElement, width: number, height: number): HaarFeature {
  const tilted = (textOf(feature, 'tilted') ?? '0') !== '0';
  const rectangles = child(feature, 'rects').children.map((element) => parseRectangle(element, tilted, width, height));
  if (rectangles.length < 2 || rectangles.length > 3) {
    throw cascadeError(`a feature has ${rectangles.length} rectangles instead of two or three`);
  }
  return { tilted, rectangles };
}

function parseRectangle(element: XmlElement, tilted: boolean, width: number, height: number): HaarRectangle {
  const values = numbersIn(element);
  const [x, y, w, h, weight] = values as [number, number, number, number, number];
  const isWhole = values.length === 5 && [x, y, w, h].every(Number.isInteger) && w > 0 && h > 0;
  const [left, right, bottom] = tilted ? [x - h, x + w, y + w + h] : [x, x + w, y + h];
  if (!isWhole || left < 0 || y < 0 || right > width || bottom > height) {
    throw cascadeError(`a feature's rectangle "${element.text.trim().slice(0, 80)}" is invalid or outside the window`);
  }
  return { x, y, width: w, height: h, weight };
}

/** @param words the number of words of the set of patterns at each node. */
function parseStages(
  stages: readonly XmlElement[],
  features: number,
  words: number,
): Omit<Cascade, 'width' | 'height' | 'features' | 'patterns'> & { subsets: Int32Array } {
  const stageTrees: number[] = [];
  const stageThresholds: number[] = [];
  const treeNodes: number[] = [];
  const nodes: number[][] = [];
  const leaves: number[] = [];
  for (const stage of stages) {
    const trees = child(stage, 'weakClassifiers').children;
    if (trees.length === 0) throw cascadeError('a stage has no classifiers');
    stageTrees.push(trees.length);
    const threshold = Math.fround(parseNumber(textOf(stage, 'stageThreshold')));
    stageThresholds.push(Math.fround(threshold - Math.fround(thresholdTolerance)));
    for (const tree of trees) {
      const treeLeaves = numbersIn(child(tree, 'leafValues'));
      if (nodes.length + treeLeaves.length > maxNodes) throw cascadeError(`it has more than ${maxNodes} nodes`);
      const parsed = parseNodes(numbersIn(child(tree, 'internalNodes')), treeLeaves.length, features, words);
      treeNodes.push(parsed.length);
      nodes.push(...parsed);
      leaves.push(...treeLeaves);
    }
  }
  if (stages.length === 0) throw cascadeError('it has no stages');
  const column = (i: number) => nodes.map((node) => node[i] as number);
  return {
    stageTrees: Int32Array.from(stageTrees),
    stageThresholds: Float32Array.from(stageThresholds),
    treeNodes: Int32Array.from(treeNodes),
    nodeLeft: Int32Array.from(column(0)),
    nodeRight: Int32Array.from(column(1)),
    nodeFeatures: Int32Array.from(column(2)),
    nodeThresholds: Float32Array.from(nodes, (node) => (words === 0 ? (node[3] as number) : 0)),
    subsets: Int32Array.from(words === 0 ? [] : nodes.flatMap((node) => node.slice(3))),
    leaves: Float32Array.from(leaves),
  };
}

/**
 * Parses the nodes of a tree.
 *
 * @returns left branch, right branch and feature of each node, then its threshold or its set of patterns. Branches lead only to later nodes, so that
 *   every walk ends.
 */
function parseNodes(values: readonly number[], leaves: number, features: number, words: number): number[][] {
  const size = 3 + (words || 1);
  const count = values.length / size;
  if (count < 1 || !Number.isInteger(count) || leaves !== count + 1) {
    throw cascadeError(`a tree does not have ${size} numbers per node and one leaf more than nodes`);
  }
  return Array.from({ length: count }, (_, i) => {
    const node = values.slice(size * i, size * i + size);
    const [left, right, feature] = node as [number, number, number];
    for (const next of [left, right]) {
      const isValid = Number.isInteger(next) && (next > 0 ? next > i && next < count : -next < leaves);
      if (!isValid) throw cascadeError(`a tree branches to ${next}, which is not one of its later nodes or leaves`);
    }
    if (!Number.isInteger(feature) || feature < 0 || feature >= features) {
      throw cascadeError(`a tree refers to feature ${feature} of ${features}`);
    }
    return node;
  });
}

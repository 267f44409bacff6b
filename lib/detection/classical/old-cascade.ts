import { cascadeError, child, numbersIn, textOf } from './cascade-xml.ts';
import type { XmlElement } from './xml.ts';

/** Whether a cascade is in the format of OpenCV before 2.4, which `opencv_haartraining` wrote: its window has the element `size`. */
export function isOldFormat({ children }: XmlElement): boolean {
  return children.some(({ tag }) => tag === 'size') && !children.some(({ tag }) => tag === 'featureType');
}

/**
 * Converts a cascade of the format before OpenCV 2.4 to the later one: its nodes contain their features, and leaves are values of branches.
 *
 * @throws {FaceNetError} `option-invalid` for elements that are missing.
 */
export function convertOldFormat(cascade: XmlElement): XmlElement {
  const [width, height] = numbersIn(child(cascade, 'size'));
  const features: XmlElement[] = [];
  const stages = child(cascade, 'stages').children.map((stage) =>
    element('_', [
      element('stageThreshold', [], textOf(stage, 'stage_threshold')),
      element(
        'weakClassifiers',
        child(stage, 'trees').children.map((tree) => convertTree(tree, features)),
      ),
    ]),
  );
  return element('cascade', [
    element('stageType', [], 'BOOST'),
    element('featureType', [], 'HAAR'),
    element('width', [], String(width)),
    element('height', [], String(height)),
    element('stages', stages),
    element('features', features),
  ]);
}

function convertTree({ children: nodes }: XmlElement, features: XmlElement[]): XmlElement {
  const leaves: string[] = [];
  const internal = nodes.map((node) => {
    const branches = ['left', 'right'].map((side) => branchOf(node, side, leaves));
    features.push(child(node, 'feature'));
    return [...branches, features.length - 1, textOf(node, 'threshold')].join(' ');
  });
  return element('_', [element('internalNodes', [], internal.join(' ')), element('leafValues', [], leaves.join(' '))]);
}

/** The index of the next node, or the negated index of the leaf that is added. */
function branchOf(node: XmlElement, side: string, leaves: string[]): number {
  const next = textOf(node, `${side}_node`);
  if (next !== undefined) return Number(next);
  const value = textOf(node, `${side}_val`);
  if (value === undefined) throw cascadeError(`a node has neither ${side}_node nor ${side}_val`);
  leaves.push(value);
  return 1 - leaves.length;
}

function element(tag: string, children: XmlElement[], text = ''): XmlElement {
  return { tag, children, text };
}

import { type Block, convolution, type Layer, pooling } from '../description.ts';

/** A row of the FaceNet paper's table 2: the filters of each branch. An omitted branch does not exist. */
export interface Inception {
  /** The filters of the 1×1 branch. Default: no such branch. */
  one?: number;
  /** The 3×3 branch: the filters of its 1×1 reduction and of its 3×3 convolution. */
  three: readonly [reduced: number, filters: number];
  /** The 5×5 branch, likewise. Default: no such branch. */
  five?: readonly [reduced: number, filters: number];
  /** The pooling branch. */
  pool: 'max' | 'l2';
  /** The filters of the 1×1 convolution after pooling. When omitted, the pooled channels are concatenated directly. */
  projected?: number;
  /** The stride of all branches. @default 1 */
  stride?: number;
}

/**
 * An inception module: parallel 1×1, 3×3, 5×5 and pooling branches (Szegedy et al., arXiv 1409.4842, figure 2b).
 *
 * @param name the name of the block, a prefix of the names of its weights.
 * @param row the filters of each branch, the kind of pooling and the stride.
 *
 * @example
 * const block = inception('inception (3a)', { one: 64, three: [96, 128], five: [16, 32], pool: 'max', projected: 32 });
 * show(block.branches.length); // 4
 */
export function inception(name: string, row: Inception): Block {
  const { one, three, five, pool, projected, stride = 1 } = row;
  const reducedConvolution = (side: number, [reduced, filters]: readonly [number, number]): Layer[] => [
    convolution(`${side}x${side}_reduce`, reduced, 1),
    convolution(`${side}x${side}`, filters, side, { stride }),
  ];
  return {
    kind: 'block',
    name,
    branches: [
      ...(one === undefined ? [] : [[convolution('1x1', one, 1)]]),
      reducedConvolution(3, three),
      ...(five === undefined ? [] : [reducedConvolution(5, five)]),
      [pooling('pool', pool, stride), ...(projected === undefined ? [] : [convolution('pool_proj', projected, 1)])],
    ],
  };
}

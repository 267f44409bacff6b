import { type Block, convolution, type Layer, pooling } from '../description.ts';

/** A row of the FaceNet paper's table 2: how many filters each branch has; a branch that is left out is not there. */
export interface Inception {
  one?: number;
  three: readonly [reduced: number, filters: number];
  five?: readonly [reduced: number, filters: number];
  pool: 'max' | 'l2';
  /** The 1×1 convolution after pooling; without it the pooled channels go on as they are. */
  projected?: number;
  /** Default: 1. */
  stride?: number;
}

/** An inception module: 1×1, 3×3, 5×5 and pooling side by side (Szegedy et al., arXiv 1409.4842, figure 2b). */
export function inception(name: string, { one, three, five, pool, projected, stride = 1 }: Inception): Block {
  const wide = (side: number, [reduced, filters]: readonly [number, number]): Layer[] => [
    convolution(`${side}x${side}_reduce`, reduced, 1),
    convolution(`${side}x${side}`, filters, side, { stride }),
  ];
  return {
    kind: 'block',
    name,
    branches: [
      ...(one === undefined ? [] : [[convolution('1x1', one, 1)]]),
      wide(3, three),
      ...(five === undefined ? [] : [wide(5, five)]),
      [pooling('pool', pool, stride), ...(projected === undefined ? [] : [convolution('pool_proj', projected, 1)])],
    ],
  };
}

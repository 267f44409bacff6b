import type { DetectionDescriptor } from './manifest.ts';

/** The names of the networks that a detector needs besides its first one, in the order in which they run. */
export function laterStages({ head }: DetectionDescriptor): string[] {
  return head.type === 'mtcnn' ? [head.refinement, head.output] : [];
}

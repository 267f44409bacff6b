import { type FaceSignature, signatureDistance } from '../core/face-signature.ts';
import type { FollowedFace } from '../pipeline/frame.ts';

/**
 * The distance of the signatures of two frames, 0 to 255, above which the picture may have been cut: the larger of a fixed one and a
 * multiple of the track's recent mean, so that a face that moves quickly is not embedded in every frame.
 */
const minChange = 8;
const minChangeRatio = 3;

/** The weight of the newest change in the mean. */
const meanWeight = 0.2;

/** Compares the appearance of a face from frame to frame: an abrupt change is evidence that another face took its place. */
export class Continuity {
  /** The signature in the last frame; undefined before the first. */
  signature: FaceSignature | undefined;
  /** Whether there was evidence of a break since the last sample that matched. Samples must then match at a stricter threshold. */
  broken = false;
  #meanChange = 0;

  /** The change of the signature that is evidence of a break. */
  get maxChange(): number {
    return Math.max(minChange, minChangeRatio * this.#meanChange);
  }

  /** Adds the face of the next frame. @returns whether its appearance changed abruptly. */
  add({ signature, change }: FollowedFace): boolean {
    this.signature = signature;
    if (change === undefined) return false;
    const jumped = change > this.maxChange;
    // A jump counts less, so that it does not hide the next one.
    this.#meanChange += meanWeight * (Math.min(change, this.maxChange) - this.#meanChange);
    this.broken ||= jumped;
    return jumped;
  }

  /** Continues after a gap. Another appearance than before the gap is evidence of a break. */
  resume({ signature }: FollowedFace): void {
    this.broken ||= this.signature !== undefined && signatureDistance(this.signature, signature) > this.maxChange;
    this.signature = signature;
  }

  /** Ends the doubt after a sample that matches. */
  restore(): void {
    this.broken = false;
  }
}

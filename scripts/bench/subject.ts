import type { SceneName } from './scenes.ts';

/** A system in a page, in the form in which the benchmark measures each of them. */
export interface Subject {
  /** From a photo to its embeddings, by variant; `default` is the documented call. */
  embed: Record<string, (photo: HTMLCanvasElement) => Promise<ArrayLike<number>[]>>;
  /** Processes one frame of a video; returns the number of faces embedded, or known from an earlier frame. */
  frame(canvas: HTMLCanvasElement): Promise<number>;
  /** The stages, each with the result of the stage before it. */
  stages(photo: HTMLCanvasElement): Promise<Record<string, () => Promise<unknown>>>;
}

/** A system to measure: facenet-web with a preset, a backend and a thread of execution; or a peer. */
export interface BenchSystem {
  name: string;
  family: 'facenet-web' | 'peer';
  backend: string;
  execution: 'page' | 'worker';
  /** Whether the processor emulates the graphics card. Such a system is measured once only. */
  emulated: boolean;
  /** Runs in the page: loads the system. */
  start: (options: never) => Promise<void>;
  /** Runs in the page after `start`. */
  createSubject: () => Subject;
  options: unknown;
  distance: (a: number[], b: number[]) => number;
  /** The maximum distance of two embeddings of the same person. */
  threshold: number;
  /** The multiply-adds of the stage `embedding` for one face, in 10⁹. */
  embeddingGmac?: number;
}

/** A backend of facenet-web that starts in this browser. */
export interface Backend {
  name: 'wasm' | 'webgl' | 'webgpu';
  emulated: boolean;
}

declare global {
  /** The benchmark's state in a page. */
  var bench: {
    /** Photos of 640×480 pixels, by the number of faces. */
    scenes: Record<SceneName, HTMLCanvasElement>;
    /** Another picture of the face of the scene with one face. */
    reference: HTMLCanvasElement;
    /** Draws one frame of a video in which that face moves. */
    frame(number: number): HTMLCanvasElement;
    start(options: unknown): Promise<void>;
    createSubject(): Subject;
    subject: Subject;
    stages: Record<string, () => Promise<unknown>>;
  };
}

import type { Box } from '../../lib/index.ts';

/** A face cut out of a photo. */
export interface SceneFace {
  /** The person's name, in the gallery too. */
  name: string;
  photo: string;
  /** The detected face in the photo, in its pixels, and the bounds of its landmarks. */
  box: Box;
  bounds: Box;
}

/** A position of a face's centre at a time. Positions between two are interpolated linearly. */
export interface Waypoint {
  /** In milliseconds. */
  time: number;
  /** In pixels of the video. */
  x: number;
  y: number;
}

/** A person in a scene. Later actors are drawn over earlier ones. */
export interface SceneActor {
  face: SceneFace;
  /** The side of the face, in pixels of the video. */
  size: number;
  path: readonly Waypoint[];
  /** The amplitude of the small movement about the path, in pixels, and its period in milliseconds. */
  sway?: { amplitude: number; period: number };
  /** The amplitude of the head's turns, in degrees, and their period in milliseconds. */
  turn?: { amplitude: number; period: number };
  /** When the person is in the scene, in milliseconds. Default: always. */
  from?: number;
  to?: number;
}

/** A synthetic video whose frames are drawn and processed one by one, in virtual time: no result depends on the machine's speed. */
export interface Scene {
  name: string;
  width: number;
  height: number;
  /** The number of frames a second. */
  fps: number;
  /** In milliseconds. */
  duration: number;
  actors: readonly SceneActor[];
  /** The left edges and the widths of vertical bars in front of the people, in pixels. */
  bars?: readonly { x: number; width: number }[];
  /** Whether movements are blurred, with an exposure of a whole frame. */
  blurred?: boolean;
  /** What the video element reports at a time, besides the change of the picture. */
  event?: { time: number; type: 'seeked' | 'source' };
}

/** A face of a frame as it was tracked. */
export interface SceneTrack {
  id: number;
  box: Box;
  /** The name, "unknown" or "undecided". */
  label: string;
}

/** A face of a frame as it was drawn. */
export interface SceneTruth {
  id: string;
  box: Box;
  /** Whether most of the face is covered or outside the frame. */
  ignored: boolean;
}

/** One frame of a scene. */
export interface SceneFrame {
  /** In milliseconds of virtual time. */
  time: number;
  truth: SceneTruth[];
  tracked: SceneTrack[];
  /** The time of the networks, and from the frame to its faces, in milliseconds of real time. */
  networks: number;
  total: number;
}

import type { EmbeddedFace, Identity, TrackedFace } from '../index.ts';

/** The detail of a `faces` event. */
export interface FacesDetail {
  /** The faces of the photo, by descending score, or of the video frame. */
  faces: readonly (EmbeddedFace | TrackedFace)[];
}

/** The detail of an `identified` event. */
export interface IdentifiedDetail {
  /** The face in the photo, or the tracked face in the camera's video. */
  face: EmbeddedFace | TrackedFace;
  /** The matching person of the gallery. */
  person: Extract<Identity, { status: 'known' }>['person'];
  /** The probability that both are the same person, 0 to 1. */
  probability: number;
}

/** The events of a {@link FaceNetElement}. Like those of a media element they do not bubble. */
export interface FaceNetElementEventMap {
  /** The photo or a frame of the camera was processed, or the camera sends no picture: then without faces. */
  faces: CustomEvent<FacesDetail>;
  /** A face was identified: once for each face of a photo, or once while a face is in view of the camera. */
  identified: CustomEvent<IdentifiedDetail>;
  /** Loading, reading the photo or opening the camera failed. The detail is the error. */
  error: CustomEvent<unknown>;
}

/** Dispatches an event of the element. */
export type Dispatch = <Name extends keyof FaceNetElementEventMap>(
  name: Name,
  detail: FaceNetElementEventMap[Name]['detail'],
) => void;

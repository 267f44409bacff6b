/** facenet-web/react: hooks around FaceNet. React is the app's own; nothing is touched before the first effect. */
export { type FaceNetState, type UseFaceNetOptions, useFaceNet } from './use-facenet.ts';
export { type PhotoFaces, usePhotoFaces } from './use-photo-faces.ts';
export { useVideoFaces, type VideoFaces, type VideoRef } from './use-video-faces.ts';

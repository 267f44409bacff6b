/** facenet-web/react: hooks around FaceNet. They use the app's React and load nothing before the first effect. */
export { type CameraOptions, type CameraState, useCamera } from './use-camera.ts';
export { type FaceNetState, type UseFaceNetOptions, useFaceNet } from './use-facenet.ts';
export { type PhotoFaces, usePhotoFaces } from './use-photo-faces.ts';
export { useVideoFaces, type VideoFaces, type VideoRef } from './use-video-faces.ts';

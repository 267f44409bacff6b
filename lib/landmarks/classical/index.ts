export { forestLandmarker } from './forest-landmarker.ts';
export { unpackShapePredictor } from './shape-predictor-file.ts';

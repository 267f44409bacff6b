// The kernels of dlib's HOG detector, called by lib/detection/classical/dlib: a module of its own, so that only those who choose the
// detector load it. Images are RGBA bytes; addresses and strides are in bytes. The plain JavaScript in that folder computes the same.

export { addFilter } from './filter';
export { addGradients } from './gradients';
export { addEnergies, normalize } from './normalize';
export { resizeImage } from './resize-image';

import type { LandmarkScheme } from '../../core/types.ts';

/** A point of dlib's mean face, as a share of the face's size, and its index in the landmarks. */
interface MeanPoint {
  index: number;
  x: number;
  y: number;
}

/** The points of dlib's mean face that a chip is fitted to: for 68 points without jaw, brows and lower lip. (`get_face_chip_details`) */
export const chipPoints: Partial<Record<LandmarkScheme, readonly MeanPoint[]>> = {
  'dlib-5': [
    { index: 0, x: 0.8595674595992, y: 0.2134981538014 },
    { index: 1, x: 0.6460604764104, y: 0.2289674387677 },
    { index: 2, x: 0.1205750620789, y: 0.2137274526848 },
    { index: 3, x: 0.3340850613712, y: 0.2290642403242 },
    { index: 4, x: 0.4901123135679, y: 0.6277975316475 },
  ],
  'ibug-68': [
    { index: 27, x: 0.490127, y: 0.203352 },
    { index: 28, x: 0.490127, y: 0.307009 },
    { index: 29, x: 0.490127, y: 0.409805 },
    { index: 30, x: 0.490127, y: 0.515625 },
    { index: 31, x: 0.36688, y: 0.587326 },
    { index: 32, x: 0.426036, y: 0.609345 },
    { index: 33, x: 0.490127, y: 0.628106 },
    { index: 34, x: 0.554217, y: 0.609345 },
    { index: 35, x: 0.613373, y: 0.587326 },
    { index: 36, x: 0.121737, y: 0.216423 },
    { index: 37, x: 0.187122, y: 0.178758 },
    { index: 38, x: 0.265825, y: 0.179852 },
    { index: 39, x: 0.334606, y: 0.231733 },
    { index: 40, x: 0.260918, y: 0.245099 },
    { index: 41, x: 0.182743, y: 0.244077 },
    { index: 42, x: 0.645647, y: 0.231733 },
    { index: 43, x: 0.714428, y: 0.179852 },
    { index: 44, x: 0.793132, y: 0.178758 },
    { index: 45, x: 0.858516, y: 0.216423 },
    { index: 46, x: 0.79751, y: 0.244077 },
    { index: 47, x: 0.719335, y: 0.245099 },
    { index: 48, x: 0.254149, y: 0.780233 },
    { index: 49, x: 0.340985, y: 0.745405 },
    { index: 50, x: 0.428858, y: 0.727388 },
    { index: 51, x: 0.490127, y: 0.742578 },
    { index: 52, x: 0.551395, y: 0.727388 },
    { index: 53, x: 0.639268, y: 0.745405 },
    { index: 54, x: 0.726104, y: 0.780233 },
    { index: 60, x: 0.290379, y: 0.784792 },
    { index: 61, x: 0.428096, y: 0.778746 },
    { index: 62, x: 0.490127, y: 0.785343 },
    { index: 63, x: 0.552157, y: 0.778746 },
    { index: 64, x: 0.689874, y: 0.784792 },
  ],
};

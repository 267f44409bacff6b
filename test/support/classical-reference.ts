import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A detection of dlib: first and last pixel of its box, and its score. */
export interface ReferenceDetection {
  box: [left: number, top: number, right: number, bottom: number];
  score: number;
  classifier?: number;
}

/** A face of the photo, with what dlib computes of it. */
export interface ReferenceFace {
  box: ReferenceDetection['box'];
  points5: [number, number][];
  points68: [number, number][];
  tiny: [number, number][];
  chip5: number[];
  chip68: number[];
  smallChip: number[];
  aligned: number[];
  descriptor: number[];
  descriptorOfChip: number[];
}

/** The answers of dlib and face_recognition for photo.png, which dlib_numbers.py wrote. */
export interface DlibNumbers {
  hog: ReferenceDetection[];
  hogDoubled: ReferenceDetection[];
  hogGrey: ReferenceDetection[];
  tiny: ReferenceDetection[];
  mmod: ReferenceDetection[];
  mmodDoubled: ReferenceDetection[];
  faces: ReferenceFace[];
  encodings: number[][];
  /** Copies of the first face's chip that dlib makes first in a process. */
  jitteredChips: number[][];
  /** `face_encodings` with 4 copies, and descriptors of the means of 100 copies, of each face. */
  jitteredEncodings: number[][];
  jitteredDescriptors: number[][];
}

/** The folder of the reference programs, their numbers and the small models. */
export const referenceFolder = 'test/reference/classical';

/** The numbers in the repository. */
export function storedDlibNumbers(): DlibNumbers {
  return JSON.parse(readFileSync(join(referenceFolder, 'dlib.json'), 'utf8'));
}

/** Why no Python with the reference packages can be used. Empty if one can. */
export const pythonProblem = pythonProblemOf(
  'import dlib, cv2, face_recognition, imutils.face_utils; cv2.CascadeClassifier',
  'dlib, opencv-python-headless 4, face_recognition or imutils',
);

/** The Python to use: that of FACENET_PYTHON, or `python3`. */
function python(): string {
  return process.env.FACENET_PYTHON ?? 'python3';
}

/** Why a program of Python cannot run. Empty if it can. @param packages what it needs. */
export function pythonProblemOf(program: string, packages: string): string {
  try {
    execFileSync(python(), ['-c', program], { stdio: 'pipe', timeout: 60_000 });
    return '';
  } catch {
    return `${python()} lacks ${packages}: set FACENET_PYTHON (${referenceFolder}/dlib_numbers.py)`;
  }
}

/** Runs a reference program. @returns its standard output. */
export function runPython(args: readonly string[]): string {
  return execFileSync(python(), args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The path of a model file of face_recognition_models, or of the detector that dlib contains; undefined without them. */
export function dlibFile(name: string): string | undefined {
  if (pythonProblem) return undefined;
  if (name === 'frontal_face_detector.svm') return frontalDetector();
  const folder = runPython([
    '-c',
    'import face_recognition_models as m, os; print(os.path.dirname(m.__file__))',
  ]).trim();
  const path = join(folder, 'models', name);
  return existsSync(path) ? path : undefined;
}

function frontalDetector(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'dlib-')), 'frontal_face_detector.svm');
  runPython(['-c', `import dlib; dlib.get_frontal_face_detector().save(${JSON.stringify(path)})`]);
  return path;
}

import type { Translation } from '../../app/language.ts';

/** The English texts of the panel of dlib and OpenCV. */
export const en = {
  dropFiles: 'Drop model files and a photo here',
  filesToRun: 'Model files and a photo',
  files: '.dat, .svm, .xml, or .prototxt with its .caffemodel',
  chooseFiles: 'Choose model files',
  ready: (count: number) => `${count} ${count === 1 ? 'model' : 'models'} ready`,
  unknownFile: (name: string) => `${name} cannot be used:`,
  inPython: 'Python',
  here: 'facenet-web',
  steps: { boxes: 'Detection', points: 'Landmarks', crop: 'Crop', encoding: 'Embedding', failed: 'Failed' },
  pointsOf: (name: string, points: number) => `${name}: ${points} points`,
  encodingText: (values: number) => `${values} numbers. The first ones:`,
  distanceText: (distance: string) =>
    `Distance of the first two faces: ${distance}. 0.6 or less counts as the same person.`,
  noFaces: 'No face was found, so there are no further steps.',
  done: (steps: number) => `${steps === 1 ? '1 step is' : `${steps} steps are`} done.`,
};

/** The Korean texts of the panel of dlib and OpenCV. */
export const ko: Translation<typeof en> = {
  dropFiles: '모델 파일과 사진을 여기에 놓으세요',
  filesToRun: '모델 파일과 사진',
  files: '.dat, .svm, .xml, 또는 .prototxt와 해당 .caffemodel',
  chooseFiles: '모델 파일 선택',
  ready: (count) => `모델 ${count}개 준비됨`,
  unknownFile: (name) => `${name} 파일을 사용할 수 없습니다:`,
  inPython: '파이썬',
  here: 'facenet-web',
  steps: { boxes: '검출', points: '랜드마크', crop: '크롭', encoding: '임베딩', failed: '실패' },
  pointsOf: (name, points) => `${name}: 점 ${points}개`,
  encodingText: (values) => `숫자 ${values}개입니다. 처음 몇 개:`,
  distanceText: (distance) => `처음 두 얼굴의 거리: ${distance}. 0.6 이하면 같은 사람으로 봅니다.`,
  noFaces: '얼굴을 찾지 못해 다음 단계가 없습니다.',
  done: (steps) => `단계 ${steps}개를 마쳤습니다.`,
};

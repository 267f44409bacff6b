import { blockValues } from '../../lib/detection/classical/hog.ts';
import { blocksAlong, hogSvmDetector, parseHogSvm } from '../../lib/detection/classical/hog-svm.ts';
import { violaJonesDetector } from '../../lib/detection/classical/viola-jones.ts';
import { mutateJson, mutateText, pick } from './mutate.ts';
import { errorCode, greyImage } from './node-checks.ts';
import { type NodeTarget, nodeTarget } from './target.ts';

const cascade = `<?xml version="1.0"?>
<opencv_storage>
<cascade type_id="opencv-cascade-classifier">
  <stageType>BOOST</stageType>
  <featureType>HAAR</featureType>
  <height>8</height>
  <width>8</width>
  <stages>
    <_><maxWeakCount>2</maxWeakCount><stageThreshold>0.5</stageThreshold>
      <weakClassifiers>
        <_><internalNodes>0 -1 0 0.2</internalNodes><leafValues>0. 1.</leafValues></_>
        <_><internalNodes>0 1 1 0.1 -1 -2 0 0.3</internalNodes><leafValues>0. 1. 0.5</leafValues></_>
      </weakClassifiers></_>
  </stages>
  <features>
    <_><rects><_>0 0 8 8 -1.</_><_>4 0 4 8 2.</_></rects></_>
    <_><rects><_>3 1 2 2 -1.</_><_>3 1 1 1 2.</_></rects><tilted>1</tilted></_>
  </features>
</cascade>
</opencv_storage>`;

/** Runs a detector and checks that its faces are finite. */
async function checkDetector(detector: ReturnType<typeof violaJonesDetector>): Promise<string> {
  const faces = await detector.find([greyImage(Math.max(detector.inputSize, 200))]);
  for (const { box, score } of faces.flat()) {
    if (![box.x, box.y, box.width, box.height, score].every(Number.isFinite)) throw new Error('a face is not finite');
  }
  return 'answer';
}

/** The model files of classical detectors. */
export const targets: Record<string, NodeTarget> = {
  cascade: nodeTarget<string>({
    limitMs: 60_000,
    make: (random) => mutateText(random, cascade),
    async run(xml) {
      try {
        return await checkDetector(violaJonesDetector(xml));
      } catch (error) {
        return errorCode(error);
      }
    },
  }),
  hog: nodeTarget<string>({
    // The longest cases take 1.5 s on an idle machine, and ten times that under load.
    limitMs: 60_000,
    make(random) {
      const window = pick(random, [80, 64, 16]);
      const weights = Array.from({ length: blocksAlong(window) ** 2 * blockValues }, () => random() - 0.5);
      const model = { version: 1, window, weights, bias: -1 };
      return JSON.stringify(random() < 0.1 ? model : mutateJson(random, model));
    },
    async run(json) {
      try {
        return await checkDetector(hogSvmDetector(parseHogSvm(json)));
      } catch (error) {
        return errorCode(error);
      }
    },
  }),
};

import { readFileSync } from 'node:fs';
import { expect, lfw, lfwExists, test } from '../support/library.ts';
import { isLong } from '../support/sampling.ts';

/** The number of genuine pairs, and of impostor pairs. */
const count = isLong ? 60 : 15;

interface Pair {
  same: boolean;
  photos: [string, string];
}

/** The first pairs of `pairs.txt`, in the format of LFW View 2. */
function firstPairs(): Pair[] {
  const photo = (name = '', number = '') => `/lfw/${name}/${name}_${number.padStart(4, '0')}.jpg`;
  const rows = readFileSync(`${lfw}/pairs.txt`, 'utf8').trim().split('\n').slice(1);
  const pairs = rows.map((row): Pair => {
    const [name, first, second, third] = row.split('\t');
    return third === undefined
      ? { same: true, photos: [photo(name, first), photo(name, second)] }
      : { same: false, photos: [photo(name, first), photo(second, third)] };
  });
  return [true, false].flatMap((same) => pairs.filter((pair) => pair.same === same).slice(0, count));
}

test('classifies more than 95 % of the first pairs of LFW correctly', async ({ sharedPage: page }) => {
  test.skip(!lfwExists, 'Labelled Faces in the Wild is not part of the repository');
  const verdicts = await page.evaluate(async (pairs) => {
    const facenet = await library.FaceNet.load({ models: '/models/' });
    const embedCentral = async (name: string) => {
      const blob = await photo(name);
      const { width, height } = await createImageBitmap(blob);
      const faces = await facenet.detect(blob);
      const fromCentre = ({ box }: (typeof faces)[number]) =>
        Math.hypot(box.x + box.width / 2 - width / 2, box.y + box.height / 2 - height / 2);
      const [face] = faces.sort((a, b) => fromCentre(a) - fromCentre(b));
      return face && facenet.embed(blob, face);
    };
    const verdicts: (boolean | undefined)[] = [];
    for (const { photos } of pairs) {
      const [a, b] = [await embedCentral(photos[0]), await embedCentral(photos[1])];
      verdicts.push(a && b && facenet.compare(a, b).same);
    }
    await facenet.dispose();
    return verdicts;
  }, firstPairs());
  expect(verdicts).toHaveLength(2 * count);
  expect(verdicts.filter((same) => same === undefined).length, 'photos without a face').toBe(0);
  const right = verdicts.filter((same, i) => same === i < count).length;
  expect(right / verdicts.length).toBeGreaterThan(0.95);
});

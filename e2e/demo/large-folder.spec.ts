import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { expect, test } from '../support/demo.ts';
import { killPipelineWorker } from '../support/kill-worker.ts';
import { makePhotos } from '../support/varied-photos.ts';

/** The number of photos in the folder, and of those added after corrections. PHOTOS=5000 is the size that docs/library.md states. */
const count = Number(process.env.PHOTOS ?? 60);
const added = Math.ceil(count / 10);
const indexTimeout = 120_000 + count * 2000;

test.use({ locale: 'en' });
test.setTimeout(600_000 + count * 6000);

/** The demo's export of who is in which photo. */
interface Album {
  people: { id: number; name: string | null; hidden: boolean; faces: ExportedFace[] }[];
  ungrouped: ExportedFace[];
}
interface ExportedFace {
  photo: string;
  box: { x: number; y: number };
}

test('@long a folder that is indexed with two reloads and a killed worker gives the same people, and corrections hold', async ({
  page,
}, testInfo) => {
  const [folder, more] = [testInfo.outputPath('holiday'), testInfo.outputPath('more')];
  await page.goto('#/photos');
  await writePhotos(page, folder, 0, count);
  await writePhotos(page, more, count, count + added);

  await page.getByLabel('Choose a folder').setInputFiles(folder);
  await untilDone(page, count);
  const undisturbed = await readAlbum(page);
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Clear library' }).click();

  await page.getByLabel('Choose a folder').setInputFiles(folder);
  await untilIndexed(page, count / 5);
  await page.reload();
  await untilIndexed(page, count / 2);
  await killPipelineWorker(page);
  await untilIndexed(page, (3 * count) / 4);
  await page.reload();
  await untilDone(page, count);
  const album = await readAlbum(page);
  expect(groups(album)).toEqual(groups(undisturbed));

  const corrected = await correct(page, album);
  await page.reload();
  await untilDone(page, count);
  await page.getByLabel('Add a folder').setInputFiles(more);
  await untilDone(page, count + added);
  expectCorrections(await readAlbum(page), corrected);
  await expect(page.locator('.hidden-people summary')).toContainText('1');
  const people = album.people.map(({ faces }) => faces.length);
  console.log(JSON.stringify({ photos: count, added, people: people.length, largest: people.slice(0, 12) }));
});

/** What the corrections say. A face is named by its photo and its place. */
interface Corrected {
  named: string[];
  merged: string[];
  hidden: string[];
  split: string;
  splitFrom: string[];
  moved: string;
  /** The faces of the person of the moved face, without it, and those of a person whose hiding was undone. */
  left: string[];
  shown: string[];
  noFace: string;
}

/**
 * Names, hides, merges and splits the largest people, moves a face to another person, takes out a detection that is no face, and
 * undoes a change.
 */
async function correct(page: Page, { people }: Album): Promise<Corrected> {
  const [named, hidden, split, reduced, source, shown, ...merged] = people.slice(0, 8) as AtLeastSeven;
  const card = ({ id }: { id: number }) => page.locator(`.person-card[data-person="${id}"]`);
  await card(named).getByRole('textbox').fill('Ada Lovelace');
  await page.keyboard.press('Enter');
  await expect(page.locator('.toast')).toContainText('Named Ada Lovelace.');
  await card(hidden).getByRole('button', { name: /^Hide/ }).click();
  await expect(card(hidden)).toHaveCount(0);
  for (const person of merged) await card(person).getByRole('checkbox').check();
  await page.keyboard.press('m');
  await expect(page.locator('.toast')).toContainText('Merged');

  await card(shown).getByRole('button', { name: /^Hide/ }).click();
  await expect(card(shown)).toHaveCount(0);
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await expect(card(shown)).toHaveCount(1);

  await takeFirstFace(page, card(split), 'Make a new person');
  await takeFirstFace(page, card(reduced), 'Not a face');
  await takeFirstFace(page, card(source), { moveTo: named.id });
  const after = await readAlbum(page);
  const before = new Set(people.map(({ id }) => id));
  const made = after.people.filter(({ id }) => !before.has(id));
  expect(made).toHaveLength(1);
  const [own] = made as [Person];
  await page.locator(`[data-person="${own.id}"]`).getByRole('textbox').fill('Somebody else');
  await page.keyboard.press('Enter');
  await expect(page.locator('.toast')).toContainText('Named Somebody else.');
  const facesNow = (person: Person) => facesOf(after.people.find(({ id }) => id === person.id) as Person);
  const remaining = new Set(facesNow(reduced));
  const left = facesNow(source);
  return {
    named: facesOf(named),
    merged: merged.flatMap(facesOf),
    hidden: facesOf(hidden),
    split: facesOf(own)[0] as string,
    splitFrom: facesOf(split).filter((face) => face !== facesOf(own)[0]),
    moved: facesOf(source).find((face) => !left.includes(face)) as string,
    left,
    shown: facesOf(shown),
    noFace: facesOf(reduced).find((face) => !remaining.has(face)) as string,
  };
}

type Person = Album['people'][number];
type AtLeastSeven = [Person, Person, Person, Person, Person, Person, Person, ...Person[]];

/** Opens the page of a person, and uses a button for the first face, or moves it to another person. */
async function takeFirstFace(
  page: Page,
  card: ReturnType<Page['locator']>,
  action: string | { moveTo: number },
): Promise<void> {
  await card.getByRole('link').click();
  await page.locator('.person-page .face-pick').first().click();
  if (typeof action === 'string') await page.getByRole('button', { name: action }).click();
  else await page.getByLabel('Move to…').selectOption(String(action.moveTo));
  await expect(page.locator('.selection-bar')).toBeHidden();
  await page.getByRole('link', { name: /All people/ }).click();
}

function expectCorrections({ people, ungrouped }: Album, corrected: Corrected): void {
  const holding = (face: string) => people.filter((person) => facesOf(person).includes(face));
  const named = people.find(({ name }) => name === 'Ada Lovelace') as Person;
  expect(facesOf(named)).toEqual(expect.arrayContaining([...corrected.named, corrected.moved]));
  const [source] = holding(corrected.left[0] as string) as [Person];
  expect(facesOf(source)).toEqual(expect.arrayContaining(corrected.left));
  expect(source.id).not.toBe(named.id);
  for (const face of corrected.shown) expect(holding(face)).toHaveLength(1);
  const [merged] = holding(corrected.merged[0] as string) as [Person];
  expect(facesOf(merged)).toEqual(expect.arrayContaining(corrected.merged));
  const own = people.find(({ name }) => name === 'Somebody else') as Person;
  expect(facesOf(own)).toContain(corrected.split);
  for (const face of corrected.splitFrom) expect(holding(face)[0]?.id).not.toBe(own.id);
  const [hidden] = people.filter(({ hidden }) => hidden) as [Person];
  expect(facesOf(hidden)).toEqual(expect.arrayContaining(corrected.hidden));
  expect(holding(corrected.noFace)).toEqual([]);
  expect(facesOf({ faces: ungrouped })).not.toContain(corrected.noFace);
}

function facesOf({ faces }: Pick<Person, 'faces'>): string[] {
  return faces.map(({ photo, box: { x, y } }) => `${photo} ${x} ${y}`);
}

/** The faces of each person, and those of none, in an order that does not depend on the numbers of people. */
function groups({ people, ungrouped }: Album): string[] {
  const all = [...people.map((person) => facesOf(person).sort()), facesOf({ faces: ungrouped }).sort()];
  return all.map((faces) => faces.join(', ')).sort();
}

async function readAlbum(page: Page): Promise<Album> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'JSON' }).click()]);
  return JSON.parse(await readFile(await file.path(), 'utf8'));
}

/** Waits until a number of files is indexed. */
async function untilIndexed(page: Page, files: number): Promise<void> {
  const shown = async () =>
    Number.parseInt((await page.locator('.queue-count').textContent())?.replace(',', '') ?? '', 10);
  await expect.poll(shown, { timeout: indexTimeout, intervals: [100] }).toBeGreaterThanOrEqual(files);
}

/** Waits until the queue is done with a number of files. */
async function untilDone(page: Page, files: number): Promise<void> {
  const number = files.toLocaleString('en');
  await expect(page.locator('.queue-count')).toHaveText(`${number} of ${number} photos`, { timeout: indexTimeout });
  await expect(page.locator('.queue[data-phase=done]')).toBeVisible({ timeout: indexTimeout });
}

/** Makes photos in the page and writes them into a folder. */
async function writePhotos(page: Page, folder: string, from: number, to: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await page.evaluate(`globalThis.makePhotos = ${makePhotos}`);
  for (let start = from; start < to; start += 100) {
    const texts = await page.evaluate(
      async ([start, end]) => {
        const photo = (globalThis as unknown as { makePhotos: typeof makePhotos }).makePhotos('test-photos', 320);
        const texts: string[] = [];
        for (let i = start; i < end; i++) {
          const bytes = new Uint8Array(await (await photo(i)).arrayBuffer());
          texts.push(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')));
        }
        return texts;
      },
      [start, Math.min(start + 100, to)] as const,
    );
    for (const [i, text] of texts.entries()) {
      await writeFile(join(folder, `${start + i}.jpg`), Buffer.from(text, 'base64'));
    }
  }
}

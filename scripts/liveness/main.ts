// npm run liveness: measures the passive scores of facenet-web/liveness on photos, and on simulated recaptures of them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { intersectionOverUnion } from '../../lib/core/overlap.ts';
import { areaUnderCurve, rocCurve } from '../../lib/evaluation/index.ts';
import { definePageFunctions, openPage, withPage } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { writeSection } from '../kit/markdown.ts';
import { repositoryPath, samplePhotoNames, samplePhotos, userPath } from '../kit/paths.ts';
import { median } from '../kit/statistics.ts';
import { type ScoredFace, scoreInPage, scoreWithHuman, startHuman, startLiveness } from './page.ts';
import { type Presentation, presentations, rephotographFunctions } from './rephotograph.ts';

const usage = `usage: npm run liveness -- [--data DIR] [--limit N] [--write]

--data   a folder with images/NAME/NAME_0001.jpg, as in LFW; adds one image of each person
--limit  the number of those images; default 200
--write  writes the tables into docs/liveness.md`;

/** The scores of a set of photos, by presentation. */
type Study = Map<Presentation, ScoredFace[]>;

/** The photos of one table. */
interface PhotoSet {
  title: string;
  addresses: string[];
}

runCommand(usage, main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      limit: { type: 'string', default: '200' },
      write: { type: 'boolean', default: false },
    },
  });
  buildLibrary();
  const images = values.data && join(userPath(values.data), 'images');
  const sets: PhotoSet[] = [
    { title: 'sample photos', addresses: samplePhotoNames.map((name) => `/samples/${name}`) },
    ...(images ? [{ title: 'LFW', addresses: lfwAddresses(images, Number(values.limit)) }] : []),
  ];
  const folders = {
    '/samples': samplePhotos,
    '/human': repositoryPath('node_modules/@vladmandic/human'),
    '/tfjs-wasm': repositoryPath('node_modules/@tensorflow/tfjs-backend-wasm/dist'),
    ...(images && { '/lfw': images }),
  };
  const text = await withPage({ folders }, async (page, { browser, server }) => {
    await definePageFunctions(page, rephotographFunctions);
    await page.evaluate(startLiveness, { url: server.url });
    const humanPage = await openPage(browser, server);
    await humanPage.evaluate(startHuman, { url: server.url });
    const tables: string[] = [];
    for (const set of sets) tables.push(await measureSet(page, humanPage, set));
    return tables.join('\n');
  });
  process.stdout.write(text);
  if (values.write) writeSection(repositoryPath('docs/liveness.md'), 'passive', text);
  return undefined;
}

/** The first image of each of an even sample of people. */
function lfwAddresses(images: string, limit: number): string[] {
  const people = readdirSync(images).sort();
  const step = Math.max(1, Math.floor(people.length / limit));
  const chosen = people.filter((_, i) => i % step === 0).slice(0, limit);
  return chosen.map((name) => `/lfw/${name}/${readdirSync(join(images, name)).sort()[0]}`);
}

async function measureSet(page: Page, humanPage: Page, { title, addresses }: PhotoSet): Promise<string> {
  const study: Study = new Map();
  for (const presentation of presentations) {
    process.stderr.write(`${title}, ${presentation}\n`);
    study.set(presentation, await page.evaluate(scoreInPage, { addresses, presentation }));
  }
  process.stderr.write(`${title}, Human\n`);
  return table(title, study, await humanPage.evaluate(scoreWithHuman, { addresses }));
}

function table(title: string, study: Study, human: readonly ScoredFace[]): string {
  const genuine = study.get('unchanged') ?? [];
  const rows = [...study].map(([presentation, faces]) => {
    const cells = (['antispoof', 'liveness'] as const).flatMap((name) => {
      const scores = faces.map((face) => face[name]);
      const fraction = scores.filter((score) => score >= 0.5).length / scores.length;
      return [
        median(scores).toFixed(2),
        `${Math.round(100 * fraction)} %`,
        presentation === 'unchanged' ? '' : auc(genuine, faces, name),
      ];
    });
    return `| ${[presentation, faces.length, ...cells].join(' | ')} |`;
  });
  return [
    `### ${title}\n`,
    '| presented | faces | `antispoof`, median | 0.5 or more | AUC | `liveness`, median | 0.5 or more | AUC |',
    '|-|-|-|-|-|-|-|-|',
    ...rows,
    `\n${compareWithHuman(genuine, human)}\n${eyeOpenness(genuine)}\n`,
  ].join('\n');
}

/** The area under the ROC curve: the probability that a face of an unchanged photo scores higher. */
function auc(genuine: readonly ScoredFace[], presented: readonly ScoredFace[], name: 'antispoof' | 'liveness'): string {
  const pairs = [
    ...genuine.map((face) => ({ same: true, distance: -face[name] })),
    ...presented.map((face) => ({ same: false, distance: -face[name] })),
  ];
  return areaUnderCurve(rocCurve(pairs)).toFixed(2);
}

/** The difference of the scores to Human's for the same faces. */
function compareWithHuman(faces: readonly ScoredFace[], human: readonly ScoredFace[]): string {
  const both = faces.flatMap((face) => {
    const same = human.find(({ photo, box }) => photo === face.photo && intersectionOverUnion(box, face.box) > 0.4);
    return same ? [{ face, same }] : [];
  });
  const differences = (['antispoof', 'liveness'] as const).map((name) => {
    const values = both.map(({ face, same }) => Math.abs(face[name] - same[name]));
    return `${median(values).toFixed(2)} in \`${name}\``;
  });
  return `Human scores ${both.length} of these faces, on crops around its own boxes.\nThe median difference is ${differences.join(' and ')}.`;
}

/** The distribution of the eye aspect ratio, which the challenge measures. */
function eyeOpenness(faces: readonly ScoredFace[]): string {
  const sorted = faces.flatMap(({ openness }) => (openness === undefined ? [] : [openness])).sort((a, b) => a - b);
  const at = (fraction: number) => (sorted[Math.floor(fraction * sorted.length)] as number).toFixed(2);
  return `The height of the eyes over their width has a median of ${at(0.5)}; 90 % lie between ${at(0.05)} and ${at(0.95)}.`;
}

// npm run liveness [-- --data DIR] …: what the passive scores of facenet-web/liveness make of photos, and of the same photos as
// they might look when they are held before a camera.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { intersectionOverUnion } from '../../lib/detection/suppression.ts';
import { areaUnderCurve, rocCurve } from '../../lib/evaluation/index.ts';
import { launchChromium, openPage, serveLibrary } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { writeBetweenMarks } from '../kit/document.ts';
import { type ScoredFace, scoreInPage, scoreWithHuman, startHuman, startLiveness } from './page.ts';
import { type Presentation, presentations, rephotograph } from './rephotograph.ts';

// usage: npm run liveness -- [--data DIR] [--limit N] [--write]
// DIR has images/NAME/NAME_0001.jpg, as Labelled Faces in the Wild has them; an image each of N people (200) is taken.
// --write puts the tables into docs/liveness.md

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The scores of a set of photos, by presentation. */
type Study = Map<Presentation, ScoredFace[]>;

runCommand(main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      limit: { type: 'string', default: '200' },
      write: { type: 'boolean', default: false },
    },
  });
  buildLibrary();
  const data = values.data && resolve(process.env.INIT_CWD ?? '.', values.data);
  const server = await serveLibrary({
    '/samples': join(root, 'node_modules/@vladmandic/face-api/demo'),
    '/human': join(root, 'node_modules/@vladmandic/human'),
    '/tfjs-wasm': join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist'),
    ...(data && { '/lfw': join(data, 'images') }),
  });
  const sets: { title: string; addresses: string[] }[] = [
    { title: 'sample photos', addresses: [1, 2, 3, 4, 5, 6].map((number) => `/samples/sample${number}.jpg`) },
  ];
  if (data) {
    const people = readdirSync(join(data, 'images')).sort();
    const step = Math.max(1, Math.floor(people.length / Number(values.limit)));
    const chosen = people.filter((_, i) => i % step === 0).slice(0, Number(values.limit));
    const first = (name: string) => readdirSync(join(data, 'images', name)).sort()[0];
    sets.push({ title: 'LFW', addresses: chosen.map((name) => `/lfw/${name}/${first(name)}`) });
  }
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, server);
    await page.evaluate(startLiveness, { url: server.url });
    await page.evaluate(`globalThis.rephotograph = ${rephotograph.toString()}`);
    const humanPage = await openPage(browser, server);
    await humanPage.evaluate(startHuman, { url: server.url });
    const tables: string[] = [];
    for (const { title, addresses } of sets) {
      const study: Study = new Map();
      for (const presentation of presentations) {
        process.stderr.write(`${title}, ${presentation}\n`);
        study.set(presentation, await page.evaluate(scoreInPage, { addresses, presentation }));
      }
      process.stderr.write(`${title}, Human\n`);
      tables.push(table(title, study, await humanPage.evaluate(scoreWithHuman, { addresses })));
    }
    const text = tables.join('\n');
    process.stdout.write(text);
    if (values.write) writeBetweenMarks(join(root, 'docs/liveness.md'), 'passive', text);
  } finally {
    await browser.close();
    await server.close();
  }
}

function table(title: string, study: Study, human: readonly ScoredFace[]): string {
  const genuine = study.get('unchanged') ?? [];
  const rows = [...study].map(([presentation, faces]) => {
    const cells = (['antispoof', 'liveness'] as const).flatMap((name) => {
      const scores = faces.map((face) => face[name]);
      const share = scores.filter((score) => score >= 0.5).length / scores.length;
      return [
        median(scores).toFixed(2),
        `${Math.round(100 * share)} %`,
        presentation === 'unchanged' ? '' : area(genuine, faces, name),
      ];
    });
    return `| ${[presentation, faces.length, ...cells].join(' | ')} |`;
  });
  return [
    `### ${title}\n`,
    '| presented | faces | `antispoof`, median | 0.5 or more | AUC | `liveness`, median | 0.5 or more | AUC |',
    '|-|-|-|-|-|-|-|-|',
    ...rows,
    `\n${besideHuman(genuine, human)}\n${eyes(genuine)}\n`,
  ].join('\n');
}

/** The probability that a face of a photo as it is scores higher than one that is presented anew. */
function area(
  genuine: readonly ScoredFace[],
  presented: readonly ScoredFace[],
  name: 'antispoof' | 'liveness',
): string {
  const pairs = [
    ...genuine.map((face) => ({ same: true, distance: -face[name] })),
    ...presented.map((face) => ({ same: false, distance: -face[name] })),
  ];
  return areaUnderCurve(rocCurve(pairs)).toFixed(2);
}

/** How far the scores are from those that Human gives the same faces. */
function besideHuman(faces: readonly ScoredFace[], human: readonly ScoredFace[]): string {
  const both = faces.flatMap((face) => {
    const same = human.find(({ photo, box }) => photo === face.photo && intersectionOverUnion(box, face.box) > 0.4);
    return same ? [{ face, same }] : [];
  });
  const apart = (['antispoof', 'liveness'] as const).map((name) => {
    const differences = both.map(({ face, same }) => Math.abs(face[name] - same[name]));
    return `${median(differences).toFixed(2)} in \`${name}\``;
  });
  return `Human scores ${both.length} of these faces, on crops around its own boxes.\nThe median difference is ${apart.join(' and ')}.`;
}

/** How far eyes are open, as the challenge measures it. */
function eyes(faces: readonly ScoredFace[]): string {
  const sorted = faces.flatMap(({ openness }) => (openness === undefined ? [] : [openness])).sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * sorted.length)] as number).toFixed(2);
  return `The height of the eyes over their width has a median of ${at(0.5)}; 90 % lie between ${at(0.05)} and ${at(0.95)}.`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

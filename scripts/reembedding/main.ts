// npm run reembedding: measures how much accuracy a gallery loses when its stored crops are embedded again.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dot } from '../../lib/core/vectors.ts';
import { definePageFunctions, withPage } from '../kit/browser.ts';
import { buildLibrary } from '../kit/build-library.ts';
import { runCommand } from '../kit/command.ts';
import { pageFunctions } from '../kit/lfw/page-functions.ts';
import { markdownTable, writeSection } from '../kit/markdown.ts';
import { repositoryPath, userPath } from '../kit/paths.ts';
import { progressLine } from '../kit/progress.ts';
import { mean } from '../kit/statistics.ts';
import { embedInPage, type PhotoEmbeddings, startInPage } from './page.ts';

const usage = `usage: npm run reembedding -- --data DIR [--embedder NAME] [--preset NAME] [--people COUNT] [--write]

DIR         has images/NAME/NAME_0001.jpg
--embedder  default: mobilefacenet
--preset    default: balanced
--people    how many people with two photos or more, evenly from the list of names. Default: 150
--write     writes the table into docs/gallery.md`;

/** A photo with its embeddings. */
interface Sample extends PhotoEmbeddings {
  person: string;
}

runCommand(usage, main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      embedder: { type: 'string', default: 'mobilefacenet' },
      preset: { type: 'string', default: 'balanced' },
      people: { type: 'string', default: '150' },
      write: { type: 'boolean', default: false },
    },
  });
  const { data, embedder, preset } = values;
  if (!data) throw new Error(usage);
  const images = join(userPath(data), 'images');
  const samples = await embedPhotos(images, photosOf(images, Number(values.people)), { preset, embedder });
  const text = describe(samples, `\`${embedder}\` and the preset \`${preset}\``);
  process.stdout.write(text);
  if (values.write) writeSection(repositoryPath('docs/gallery.md'), 'reembedding', text);
  return undefined;
}

/** The first two photos of people who have two, evenly from the sorted list of names. */
function photosOf(images: string, count: number): { person: string; path: string }[] {
  const people = readdirSync(images)
    .sort()
    .map((person) => ({ person, files: readdirSync(join(images, person)).sort() }))
    .filter(({ files }) => files.length > 1);
  const chosen = people.filter(
    (_, i) => Math.floor((i * count) / people.length) !== Math.floor(((i - 1) * count) / people.length),
  );
  return chosen.flatMap(({ person, files }) =>
    files.slice(0, 2).map((file) => ({ person, path: `${person}/${file}` })),
  );
}

function embedPhotos(
  images: string,
  photos: readonly { person: string; path: string }[],
  options: { preset: string; embedder: string },
): Promise<Sample[]> {
  buildLibrary();
  return withPage({ folders: { '/photos': images } }, async (page, { server }) => {
    await definePageFunctions(page, pageFunctions);
    await page.evaluate(startInPage, { base: server.url, ...options });
    const report = progressLine('photos', photos.length);
    const samples: Sample[] = [];
    for (const [i, { person, path }] of photos.entries()) {
      const embeddings = await page.evaluate(embedInPage, `/photos/${path}`);
      if (embeddings) samples.push({ person, ...embeddings });
      if (i % 20 === 19) report(i + 1);
    }
    return samples;
  });
}

function describe(samples: readonly Sample[], models: string): string {
  const rows = [
    row('none: the photo itself', samples, ({ photo }) => photo),
    row('`arcface`', samples, ({ crops }) => crops.arcface),
    row('`dlib`', samples, ({ crops }) => crops.dlib),
  ];
  const people = new Set(samples.map(({ person }) => person)).size;
  return [
    `Measured on ${samples.length} photos of ${people} people, with ${models}:\n`,
    markdownTable(
      [
        'template of the stored crop',
        'crops with a face',
        'mean similarity',
        '5 % are below',
        'TAR at FAR 10⁻³',
        'TAR at FAR 10⁻⁴',
      ],
      rows,
    ),
  ].join('\n');
}

/** A row of the table: embeddings of stored crops, compared with those of the same and of all other photos. */
function row(label: string, samples: readonly Sample[], of: (sample: Sample) => number[] | undefined): string[] {
  const found = samples.filter((sample) => of(sample));
  const similarity = (a: Sample, b: Sample) => dot(of(a) ?? [], b.photo);
  const own = found.map((sample) => similarity(sample, sample)).sort((a, b) => a - b);
  const genuine: number[] = [];
  const impostors: number[] = [];
  for (const a of found) {
    for (const b of samples) {
      if (a !== b) (a.person === b.person ? genuine : impostors).push(similarity(a, b));
    }
  }
  impostors.sort((a, b) => b - a);
  const accepted = (far: number) => {
    const threshold = impostors[Math.floor(impostors.length * far)] ?? 1;
    return `${((100 * genuine.filter((each) => each > threshold).length) / genuine.length).toFixed(1)} %`;
  };
  const fifth = own[Math.floor(own.length / 20)] ?? Number.NaN;
  return [label, `${found.length}`, mean(own).toFixed(3), fifth.toFixed(3), accepted(1e-3), accepted(1e-4)];
}

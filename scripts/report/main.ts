// npm run report: a report on the performance of a preset on labelled photos of one's own.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { version } from '../../lib/core/version.ts';
import { performanceReport, reportPage } from '../../lib/evaluation/index.ts';
import { operatingPoint } from '../../lib/gallery/open-set.ts';
import { runCommand } from '../kit/command.ts';
import { chooseRecipe } from '../kit/lfw/recipe.ts';
import { userPath } from '../kit/paths.ts';
import { cohortRule } from './cohorts.ts';
import { embedPhotos, openPhotos } from './photos.ts';
import { ruleOf } from './rule.ts';

const usage = `usage: npm run report -- --data DIR [--cohorts FILE|pose] [--preset NAME] [--out FILE] [--title TEXT] [--note TEXT]...

DIR        one folder per person with the person's photos, or a folder images/ with such folders
--cohorts  a CSV or JSON file: the cohort of each person or photo (docs/evaluation.md); or "pose"
--preset   default: balanced
--out      default: report.html
--note     a sentence about the data; can be repeated`;

runCommand(usage, main);

async function main(): Promise<undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      cohorts: { type: 'string' },
      preset: { type: 'string', default: 'balanced' },
      out: { type: 'string', default: 'report.html' },
      title: { type: 'string', default: 'Face recognition report' },
      note: { type: 'string', multiple: true, default: [] },
    },
  });
  if (!values.data) throw new Error(usage);
  const recipe = chooseRecipe(values.preset);
  const rule = ruleOf(recipe);
  const folder = openPhotos(values.data);
  const cohort = cohortRule(values.cohorts, folder.photos);
  const { faces, notFound, unreadable } = await embedPhotos(folder, recipe, cohort);
  for (const path of unreadable) process.stderr.write(`${path} cannot be read. It is left out.\n`);
  const galleryThreshold = (count: number) => operatingPoint(count, rule.calibration, {}).threshold;
  const report = await performanceReport(faces, rule, { galleryThreshold });
  const system = `facenet-web ${version}, preset ${recipe.name}`;
  const file = userPath(values.out);
  writeFileSync(file, reportPage(report, { title: values.title, system, notes: values.note, notFound, unreadable }));
  process.stdout.write(`${file}\n`);
  return undefined;
}

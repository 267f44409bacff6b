// npm run test:times [-- --write]: the table of the test files in docs/testing.md, with the times of the last `npm test`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSection } from '../kit/markdown.ts';

/** What the table lists of a test file. */
interface Row {
  file: string;
  /** The sum of the test times, in seconds; undefined if the file did not run. */
  seconds: number | undefined;
  /** What the file tests. The document is its source. */
  subject: string;
}

interface VitestReport {
  testResults: { name: string; startTime: number; endTime: number }[];
}

interface Suite {
  suites?: Suite[];
  specs?: { file: string; tests: { results: { duration: number }[] }[] }[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const document = 'docs/testing.md';
const levels = { unit: 'test/unit', package: 'test/package', browser: 'e2e' };

process.chdir(root);
const times = new Map([...vitestTimes(), ...playwrightTimes()]);
const subjects = documentedSubjects();
const write = process.argv.includes('--write');
for (const [level, folder] of Object.entries(levels)) {
  const table = tableOf(rowsOf(folder));
  if (write) writeSection(document, level, table);
  else process.stdout.write(`${table}\n`);
}

function vitestTimes(): [string, number][] {
  const report = read<VitestReport>('test-results/vitest.json');
  return (report?.testResults ?? []).map(({ name, startTime, endTime }) => [
    relative(root, name),
    (endTime - startTime) / 1000,
  ]);
}

function playwrightTimes(): Map<string, number> {
  const seconds = new Map<string, number>();
  const add = ({ suites = [], specs = [] }: Suite): void => {
    for (const suite of suites) add(suite);
    for (const { file, tests } of specs) {
      const duration = tests.flatMap(({ results }) => results).reduce((sum, { duration }) => sum + duration, 0);
      seconds.set(`e2e/${file}`, (seconds.get(`e2e/${file}`) ?? 0) + duration / 1000);
    }
  };
  add(read<Suite>('test-results/playwright.json') ?? {});
  return seconds;
}

/** The second column of the tables in the document, by file. */
function documentedSubjects(): Map<string, string> {
  const rows = readFileSync(document, 'utf8').matchAll(/^\| `([^`]+)` \| (.*?) \| [^|]*\|$/gm);
  return new Map([...rows].map(([, file = '', subject = '']) => [file, subject]));
}

function rowsOf(folder: string): Row[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(test|spec)\.ts$/.test(path))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`);
  return files.sort().map((file) => ({ file, seconds: times.get(file), subject: subjects.get(file) ?? '' }));
}

function tableOf(rows: Row[]): string {
  const total = rows.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
  const lines = rows.map(
    ({ file, seconds, subject }) =>
      `| \`${file}\` | ${subject} | ${seconds === undefined ? '–' : seconds.toFixed(1)} |`,
  );
  return `| file | what it tests | s |\n|-|-|-|\n${lines.join('\n')}\n| all | | ${total.toFixed(0)} |\n`;
}

function read<Report>(path: string): Report | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : undefined;
}

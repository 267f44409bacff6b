// npm run api [-- --write]: the public types of every entry point beside api/*.api.md. A difference ends with exit code 1,
// so that no public type changes unannounced; --write announces it.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { buildLibrary } from '../kit/build.ts';
import { runCommand } from '../kit/command.ts';
import { type Entry, entries } from '../kit/entries.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'api');

/** A report's name. */
const fileOf = ({ name }: Entry) => `${name.replace('/', '-')}.api.md`;

/** The public types of every entry as they are built, by the name of the report. */
export function reports(): Record<string, string> {
  const work = mkdtempSync(join(tmpdir(), 'facenet-web-api-'));
  try {
    for (const entry of entries()) extract(entry, work);
    return Object.fromEntries(
      entries().map((entry) => [fileOf(entry), readFileSync(join(work, fileOf(entry)), 'utf8')]),
    );
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** The reports that are committed. */
export function announced(): Record<string, string> {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

function extract(entry: Entry, work: string): void {
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, entry.types),
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'],
            module: 'esnext',
            moduleResolution: 'bundler',
            types: [],
            strict: true,
            skipLibCheck: true,
          },
          files: [entry.types],
        },
      },
      apiReport: {
        enabled: true,
        reportFolder: work,
        reportTempFolder: join(work, 'new'),
        reportFileName: fileOf(entry),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      // The compiler and TypeDoc judge the sources; what is wanted here is the list of what is public.
      messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent, compilerMessageReporting: silent },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  });
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
}

async function main(): Promise<number> {
  buildLibrary();
  const [now, before] = [reports(), announced()];
  if (process.argv.includes('--write')) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const [file, text] of Object.entries(now)) writeFileSync(join(folder, file), text);
    return 0;
  }
  const changed = Object.keys({ ...now, ...before }).filter((file) => now[file] !== before[file]);
  for (const file of changed) process.stdout.write(`api/${file} is not what is public now.\n`);
  if (changed.length > 0) {
    process.stdout.write(
      'Announce it: npm run api -- --write, a line in CHANGELOG.md, and the version that it takes.\n',
    );
  }
  return changed.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runCommand(main);

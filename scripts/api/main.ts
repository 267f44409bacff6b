// npm run api: compares the public types of every entry point with the reports in api/*.api.md, so that a change of the API
// is a change of a committed file.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { buildLibrary } from '../kit/build-library.ts';
import { isMainModule, runCommand } from '../kit/command.ts';
import { type Entry, entries } from '../kit/entries.ts';
import { repositoryPath } from '../kit/paths.ts';
import { committedReports, reportName, reportsFolder } from './reports.ts';

const usage = `usage: npm run api -- [--write]

--write  writes the reports in api/

Exit code 1: a report differs.`;

/** The reports of the built entry points, by file name. */
export function reports(): Record<string, string> {
  const work = mkdtempSync(join(tmpdir(), 'facenet-web-api-'));
  try {
    for (const entry of entries()) extract(entry, work);
    return Object.fromEntries(
      entries().map((entry) => [reportName(entry.name), readFileSync(join(work, reportName(entry.name)), 'utf8')]),
    );
  } finally {
    rmSync(work, { recursive: true });
  }
}

function extract(entry: Entry, work: string): void {
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: repositoryPath(),
      mainEntryPointFilePath: repositoryPath(entry.types),
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
        reportFileName: reportName(entry.name),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      // The compiler and TypeDoc check the sources; only the report is needed here.
      messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent, compilerMessageReporting: silent },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: repositoryPath('package.json'),
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
  const [now, before] = [reports(), committedReports()];
  if (process.argv.includes('--write')) {
    rmSync(reportsFolder, { recursive: true, force: true });
    mkdirSync(reportsFolder);
    for (const [file, text] of Object.entries(now)) writeFileSync(join(reportsFolder, file), text);
    return 0;
  }
  const changed = Object.keys({ ...now, ...before }).filter((file) => now[file] !== before[file]);
  for (const file of changed) process.stdout.write(`api/${file} differs from the public types.\n`);
  if (changed.length > 0) {
    process.stdout.write('If the change is intended, run "npm run api -- --write" and describe it in CHANGELOG.md.\n');
  }
  return changed.length === 0 ? 0 : 1;
}

if (isMainModule(import.meta.url)) runCommand(usage, main);

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from '../kit/paths.ts';

/** The folder of the committed reports. */
export const reportsFolder = repositoryPath('api');

/** The file name of the report of an entry point. */
export function reportName(entry: string): string {
  return `${entry.replace('/', '-')}.api.md`;
}

/** The committed reports, by file name. */
export function committedReports(): Record<string, string> {
  const files = existsSync(reportsFolder) ? readdirSync(reportsFolder) : [];
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(reportsFolder, file), 'utf8')]));
}

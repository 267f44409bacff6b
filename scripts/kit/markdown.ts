import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Replaces the section of a Markdown file between the comments `<!-- NAME -->` and `<!-- /NAME -->`.
 *
 * @throws {Error} if the file has no such comments.
 */
export function writeSection(file: string, name: string, text: string): void {
  const [opening, closing] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const old = readFileSync(file, 'utf8');
  const [start, end] = [old.indexOf(opening), old.indexOf(closing)];
  if (start < 0 || end < start) throw new Error(`${file} has no section ${opening} … ${closing}.`);
  writeFileSync(file, `${old.slice(0, start + opening.length)}\n${text}${old.slice(end)}`);
}

/** A table in Markdown. */
export function markdownTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [markdownRow(header), `|${'-|'.repeat(header.length)}`, ...rows.map(markdownRow), ''].join('\n');
}

function markdownRow(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

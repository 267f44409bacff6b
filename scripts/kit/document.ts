import { readFileSync, writeFileSync } from 'node:fs';

/** Puts a text between a document's marks `<!-- NAME -->` and `<!-- /NAME -->`, in place of what stands there. */
export function writeBetweenMarks(file: string, name: string, text: string): void {
  const [opening, closing] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const old = readFileSync(file, 'utf8');
  const [start, end] = [old.indexOf(opening), old.indexOf(closing)];
  if (start < 0 || end < start) throw new Error(`${file} has no ${opening} … ${closing}.`);
  writeFileSync(file, `${old.slice(0, start + opening.length)}\n${text}${old.slice(end)}`);
}

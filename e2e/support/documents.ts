import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A code block of a document. */
export interface CodeBlock {
  language: string;
  code: string;
}

/** The code blocks of a document. @param path relative to the repository. */
export function blocksOf(path: string): CodeBlock[] {
  const blocks = readFileSync(`${root}${path}`, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm);
  return [...blocks].map(([, language = '', code = '']) => ({ language, code }));
}

/** The code block of a document in a language that contains a text. */
export function blockOf(path: string, language: string, text: string): string {
  const found = blocksOf(path).find((block) => block.language === language && block.code.includes(text));
  if (!found) throw new Error(`${path} has no ${language} block with ${text}.`);
  return found.code;
}

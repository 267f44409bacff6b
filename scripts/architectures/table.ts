import { architectures, figuresOf } from '../../lib/training/index.ts';

/** The table of docs/training.md: the cost of every architecture, computed from its layers. */
export function architectureTable(): string {
  const rows = Object.entries(architectures).map(([key, architecture]) => {
    const { layers, parameters, multiplyAdds } = figuresOf(architecture);
    const number = (value: number) => value.toLocaleString('en-US');
    const input = architecture.input.slice(0, 2).join('×');
    const dimension = layers.at(-1)?.output.join('×');
    return `| \`${key}\` | ${architecture.name} | ${input} | ${dimension} | ${number(parameters)} | ${number(multiplyAdds)} | ${architecture.source} |\n`;
  });
  return `
| key | network | input, pixels | embedding | parameters | multiply-adds a picture | source |
|-|-|-|-|-|-|-|
${rows.join('')}
`;
}

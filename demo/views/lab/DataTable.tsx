import { localized } from '../../app/language.ts';
import { en, ko } from './messages.ts';

export interface DataTableProps {
  caption: string;
  heads: readonly string[];
  /** The first cell of a row is its head. */
  rows: readonly (readonly string[])[];
  /** Whether it stands open, where there is no chart beside it. */
  open?: boolean;
}

/** Figures in rows: beside a chart folded away, for those who cannot see it or want to copy it. */
export function DataTable({ caption, heads, rows, open = false }: DataTableProps) {
  const t = localized({ en, ko });
  const table = (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by the keyboard.
    <section class="figure-table" tabIndex={0} aria-label={t.table(caption)}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([head, ...cells]) => (
            <tr key={head}>
              <th scope="row">{head}</th>
              {cells.map((cell, i) => (
                <td key={heads[i + 1]} class="figure">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
  if (open) return table;
  return (
    <details class="as-table">
      <summary class="small">{t.asTable}</summary>
      {table}
    </details>
  );
}

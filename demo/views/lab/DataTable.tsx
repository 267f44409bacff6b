import { localized } from '../../app/language.ts';
import { en, ko } from './messages.ts';

/** The content of a {@link DataTable}. */
export interface DataTableProps {
  caption: string;
  heads: readonly string[];
  /** The first cell of each row is its header. */
  rows: readonly (readonly string[])[];
  /** Whether to show the table directly. Otherwise it is collapsed, below the chart of the same data. */
  open?: boolean;
}

/** A table of figures. Next to a chart, it makes the data accessible to screen readers and for copying. */
export function DataTable({ caption, heads, rows, open = false }: DataTableProps) {
  const t = localized({ en, ko });
  const table = (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard.
    <section class="data-table" tabIndex={0} aria-label={t.table(caption)}>
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
      <summary>{t.asTable}</summary>
      {table}
    </details>
  );
}

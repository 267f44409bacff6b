import { localized } from '../app/language.ts';
import { hasRepository, sourceUrl } from '../app/links.ts';
import { en, ko } from '../app/messages.ts';
import compare from '../code/compare.ts?raw';
import gallery from '../code/gallery.ts?raw';
import lab from '../code/lab.ts?raw';
import live from '../code/live.ts?raw';
import photos from '../code/photos.ts?raw';
import './code-sample.css';

const samples = { live, photos, compare, gallery, lab };

/** The lines that do what a view shows, with a link to the view's source. */
export function CodeSample({ view }: { view: keyof typeof samples }) {
  const t = localized({ en, ko });
  return (
    <details class="code-sample">
      <summary>{t.showCode}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region needs the keyboard. */}
      <pre tabIndex={0}>
        <code lang="en">{samples[view].trimEnd()}</code>
      </pre>
      {hasRepository && <a href={sourceUrl(`demo/views/${view}`)}>{t.viewSource}</a>}
    </details>
  );
}

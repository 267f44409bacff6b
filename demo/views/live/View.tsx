import { inLanguage } from '../../app/language.ts';
import { en, ko } from './messages.ts';
import './live.css';

export function View() {
  const t = inLanguage({ en, ko });
  return (
    <section class="live view" aria-labelledby="view-title">
      <h1 id="view-title">{t.title}</h1>
    </section>
  );
}

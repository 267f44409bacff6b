import { inLanguage } from '../../app/language.ts';
import { en, ko } from './messages.ts';
import './photos.css';

export function View() {
  const t = inLanguage({ en, ko });
  return (
    <section class="photos view" aria-labelledby="view-title">
      <h1 id="view-title">{t.title}</h1>
    </section>
  );
}

import type { NameSuggestion } from 'facenet-web/library';
import { formatShare } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { answerName } from './corrections.ts';
import { en, ko } from './messages.ts';

/** Asks whether a person is somebody of the gallery. */
export function Suggestion({ suggestion }: { suggestion: NameSuggestion }) {
  const t = localized({ en, ko });
  const { name, probability } = suggestion;
  return (
    <div class="suggestion">
      <p>{t.isThis(name, percent(probability))}</p>
      <div class="actions">
        <Button kind="primary" onClick={() => void answerName(suggestion, true, t)}>
          {t.yes}
        </Button>
        <Button onClick={() => void answerName(suggestion, false, t)}>{t.no}</Button>
      </div>
    </div>
  );
}

/** A probability, at most 99 %: no comparison of faces is certain. */
export function percent(probability: number): string {
  return formatShare(Math.min(0.99, Math.max(0.01, probability)));
}

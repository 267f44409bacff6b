import { inLanguage } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { Hero } from './Hero.tsx';
import { en, ko } from './messages.ts';
import { live, start } from './session.ts';

/** What is said before the camera starts, in plain words, and the two ways to start. */
export function OptIn() {
  const t = inLanguage({ en, ko });
  const state = live.value;
  const starting = state.status === 'starting' ? state.source.kind : undefined;
  return (
    <div class="opt-in">
      <div class="pitch">
        <h1 id="view-title">{t.title}</h1>
        <p class="lead">{t.lead}</p>
        {state.status === 'trouble' ? (
          <div class="trouble" role="alert">
            <h2>{t.troubles[state.trouble].title}</h2>
            <p>{t.troubles[state.trouble].text}</p>
          </div>
        ) : (
          <p class="small muted" role="status">
            {starting === 'camera' && t.asking}
            {starting === 'samples' && t.startingSamples}
          </p>
        )}
        <div class="actions">
          <Button kind="primary" disabled={starting === 'camera'} onClick={() => void start({ kind: 'camera' })}>
            {state.status === 'trouble' ? t.startAgain : t.start}
          </Button>
          <Button disabled={starting === 'samples'} onClick={() => void start({ kind: 'samples' })}>
            {t.samples}
          </Button>
        </div>
      </div>
      <Hero />
      <dl class="promises">
        {t.promises.map(({ title, text }) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

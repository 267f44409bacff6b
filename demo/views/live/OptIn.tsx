import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { Hero } from './Hero.tsx';
import { en, ko } from './messages.ts';
import { live, start } from './session.ts';

/** The start screen: explains privacy and offers the camera and the sample photos. */
export function OptIn() {
  const t = localized({ en, ko });
  const state = live.value;
  const starting = state.status === 'starting' ? state.source.kind : undefined;
  return (
    <div class="opt-in">
      <div class="pitch">
        <h1 id="view-title">{t.title}</h1>
        <p class="lead">{t.lead}</p>
        {state.status === 'failed' ? (
          <div class="error" role="alert">
            <h2>{t.cameraErrors[state.error].title}</h2>
            <p>{t.cameraErrors[state.error].text}</p>
          </div>
        ) : (
          <p class="small muted" role="status">
            {starting === 'camera' && t.requesting}
            {starting === 'samples' && t.startingSamples}
          </p>
        )}
        <div class="actions">
          <Button kind="primary" disabled={starting === 'camera'} onClick={() => void start({ kind: 'camera' })}>
            {state.status === 'failed' ? t.startAgain : t.start}
          </Button>
          <Button disabled={starting === 'samples'} onClick={() => void start({ kind: 'samples' })}>
            {t.samples}
          </Button>
        </div>
      </div>
      <Hero />
      <dl class="privacy">
        {t.privacy.map(({ title, text }) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

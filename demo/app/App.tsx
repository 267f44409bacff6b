import { useEffect } from 'preact/hooks';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Device, showDevice } from './Device.tsx';
import { Questions } from './dialogs.tsx';
import { loadFaceNet } from './facenet.ts';
import { inLanguage, language } from './language.ts';
import { Mark } from './Mark.tsx';
import { en, ko } from './messages.ts';
import { NetworkStatus, NetworkTrouble } from './NetworkStatus.tsx';
import { openGallery } from './people.ts';
import { addressOf, route, viewNames } from './router.ts';
import { erasure } from './storage.ts';
import { isTooOld } from './support.ts';
import { Toasts } from './toasts.tsx';
import { startServiceWorker } from './updates.ts';
import { viewOf } from './views.tsx';
import './app.css';

/** The whole page: the shell, and in it the view that the address names. */
export function App() {
  const t = inLanguage({ en, ko });
  useEffect(start, []);
  return (
    <>
      {/* No link: the fragment of the address is the view's. */}
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {t.skip}
      </button>
      <Masthead />
      <main id="main" tabIndex={-1}>
        <Content />
      </main>
      <footer class="footer">
        <p>{t.stays}</p>
        <p class="muted">{t.staysLong}</p>
      </footer>
      <Toasts />
      <Device />
      <Questions />
    </>
  );
}

/** What needs time starts after the first paint. */
function start(): void {
  if (isTooOld()) return;
  requestAnimationFrame(() =>
    setTimeout(() => {
      void loadFaceNet();
      void openGallery();
      void startServiceWorker();
    }),
  );
}

function Masthead() {
  const t = inLanguage({ en, ko });
  const { view } = route.value;
  return (
    <header class="masthead">
      <a class="wordmark" href={addressOf('live')}>
        <Mark />
        facenet-web
      </a>
      <nav class="navigation" aria-label={t.views}>
        {viewNames.map((name) => (
          <a key={name} href={addressOf(name)} aria-current={name === view ? 'page' : undefined}>
            <Icon name={name} />
            {t[name]}
          </a>
        ))}
      </nav>
      <NetworkStatus />
      <div class="tools">
        <Button
          kind="quiet"
          lang={language.value === 'en' ? 'ko' : 'en'}
          aria-label={t.otherLanguage}
          onClick={() => {
            language.value = language.value === 'en' ? 'ko' : 'en';
          }}
        >
          {language.value === 'en' ? '한' : 'EN'}
        </Button>
        <Button kind="quiet" aria-label={t.device} onClick={showDevice}>
          <Icon name="device" />
        </Button>
      </div>
    </header>
  );
}

function Content() {
  const t = inLanguage({ en, ko });
  const { view } = route.value;
  if (isTooOld()) return <EmptyState title={t.tooOld} text={t.tooOldText} />;
  if (erasure.value === 'underWay') return <p role="status">{t.erasing}</p>;
  if (erasure.value === 'done') {
    return (
      <div role="status">
        <EmptyState title={t.erasedTitle} text={t.erasedText}>
          <Button kind="primary" onClick={() => location.reload()}>
            {t.reload}
          </Button>
        </EmptyState>
      </div>
    );
  }
  const View = viewOf(view);
  return (
    <>
      <NetworkTrouble />
      {View === 'failed' ? (
        <EmptyState title={t.viewFailed}>
          <Button onClick={() => location.reload()}>{t.reload}</Button>
        </EmptyState>
      ) : (
        View && <View key={view} />
      )}
    </>
  );
}

import { useEffect } from 'preact/hooks';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Icon } from '../ui/Icon.tsx';
import { isBrowserTooOld } from './browser-support.ts';
import { ConfirmationDialog } from './dialogs.tsx';
import { loadFaceNet } from './facenet.ts';
import { GalleryUpdate } from './GalleryUpdate.tsx';
import { openGallery } from './gallery.ts';
import { Logo } from './Logo.tsx';
import { language, languages, localized } from './language.ts';
import { hasRepository, packageUrl, repositoryUrl, sourceUrl } from './links.ts';
import { ModelLoadError, ModelStatus } from './ModelStatus.tsx';
import { en, ko } from './messages.ts';
import { hrefOf, route, viewNames } from './router.ts';
import { openSettings, SettingsDialog } from './SettingsDialog.tsx';
import { eraseEverything, erasure } from './storage.ts';
import { Toasts } from './toasts.tsx';
import { startServiceWorker } from './updates.ts';
import { loadedView } from './view-loader.ts';
import { useViewTitle } from './view-title.ts';
import './app.css';

/** The whole page: the shell around the view that the URL names. */
export function App() {
  const t = localized({ en, ko });
  useEffect(start, []);
  useViewTitle();
  return (
    <>
      {/* Not a link: the URL fragment holds the route. */}
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {t.skip}
      </button>
      <Masthead />
      <main id="main" tabIndex={-1}>
        <Content />
      </main>
      <footer class="footer">
        <p>{t.privacy}</p>
        <p class="muted">{t.privacyDetails}</p>
        <nav aria-label={t.links}>
          <ul>
            {hasRepository && (
              <li>
                <a href={repositoryUrl}>{t.repository}</a>
              </li>
            )}
            <li>
              <a href={packageUrl}>{t.npmPackage}</a>
            </li>
            {hasRepository && (
              <li>
                <a href={sourceUrl('docs')}>{t.documentation}</a>
              </li>
            )}
          </ul>
        </nav>
      </footer>
      <Toasts />
      <SettingsDialog />
      <ConfirmationDialog />
    </>
  );
}

/** Starts the slow work after the first paint. */
function start(): void {
  if (isBrowserTooOld()) return;
  requestAnimationFrame(() =>
    setTimeout(() => {
      void loadFaceNet();
      void openGallery();
      void startServiceWorker();
    }),
  );
}

function Masthead() {
  const t = localized({ en, ko });
  const { view } = route.value;
  const other = language.value === 'en' ? 'ko' : 'en';
  return (
    <header class="masthead">
      <a class="wordmark" href={hrefOf('live')}>
        <Logo />
        facenet-web
      </a>
      <nav class="navigation" aria-label={t.views}>
        {viewNames.map((name) => (
          <a key={name} href={hrefOf(name)} aria-current={name === view ? 'page' : undefined}>
            <Icon name={name} />
            {t[name]}
          </a>
        ))}
      </nav>
      <ModelStatus />
      <div class="tools">
        <Button
          kind="quiet"
          class="language"
          title={t.otherLanguage}
          aria-label={`${languages[other]}, ${t.otherLanguage}`}
          onClick={() => {
            language.value = other;
          }}
        >
          <Icon name="globe" />
          <span lang={other}>{languages[other]}</span>
        </Button>
        <Button kind="quiet" aria-label={t.settings} title={t.settings} onClick={openSettings}>
          <Icon name="settings" />
        </Button>
      </div>
    </header>
  );
}

function Content() {
  const t = localized({ en, ko });
  const { view } = route.value;
  if (isBrowserTooOld()) return <EmptyState title={t.tooOld} text={t.tooOldText} />;
  if (erasure.value !== 'none') return <Erasure />;
  const View = loadedView(view);
  return (
    <>
      <ModelLoadError />
      <GalleryUpdate />
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

/** The progress and the result of erasing everything. */
function Erasure() {
  const t = localized({ en, ko });
  if (erasure.value === 'running') return <p role="status">{t.erasing}</p>;
  if (erasure.value === 'blocked') return <p role="status">{t.eraseBlocked}</p>;
  const failed = erasure.value === 'failed';
  return (
    <div role={failed ? 'alert' : 'status'}>
      <EmptyState title={failed ? t.eraseFailedTitle : t.erasedTitle} text={failed ? t.eraseFailedText : t.erasedText}>
        <Button kind="primary" onClick={() => (failed ? void eraseEverything() : location.reload())}>
          {failed ? t.eraseAgain : t.reload}
        </Button>
      </EmptyState>
    </div>
  );
}

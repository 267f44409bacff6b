import { useEffect } from 'preact/hooks';
import { Questions } from './dialogs.tsx';
import { loadFaceNet } from './facenet.ts';
import { inLanguage } from './language.ts';
import { en, ko } from './messages.ts';
import { openGallery } from './people.ts';
import { addressOf, route, viewNames } from './router.ts';
import { Toasts } from './toasts.tsx';
import { viewOf } from './views.tsx';
import './app.css';

/** The whole page: the shell, and in it the view that the address names. */
export function App() {
  const t = inLanguage({ en, ko });
  const { view } = route.value;
  const View = viewOf(view);
  useEffect(() => {
    void loadFaceNet();
    void openGallery();
  }, []);
  return (
    <>
      <a class="skip" href="#main">
        {t.skip}
      </a>
      <header class="masthead">
        <p class="wordmark">facenet-web</p>
        <nav class="navigation" aria-label={t.views}>
          {viewNames.map((name) => (
            <a key={name} href={addressOf(name)} aria-current={name === view ? 'page' : undefined}>
              {t[name]}
            </a>
          ))}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {View && <View />}
      </main>
      <Toasts closeLabel={t.close} />
      <Questions />
    </>
  );
}

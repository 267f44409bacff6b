import { FaceNetError } from 'facenet-web';
import type { Gallery } from 'facenet-web/gallery';
import { useRef, useState } from 'preact/hooks';
import { errorMessage } from '../../app/error-message.ts';
import { isRepairable, lockGallery, unlockGallery } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { hasPassphrase } from './has-passphrase.ts';
import { en, ko } from './messages.ts';
import { Repair } from './Repair.tsx';

/** Sets a passphrase for the stored people, or locks them. */
export function Passphrase({ gallery }: { gallery: Gallery }) {
  const t = localized({ en, ko });
  const isProtected = hasPassphrase.value === 'yes';
  return (
    <section class="tool" aria-labelledby="passphrase-title">
      <h2 id="passphrase-title">{t.passphrase}</h2>
      <p class="muted">{isProtected ? t.protectedText : t.passphraseText}</p>
      {isProtected ? (
        <div class="actions">
          <Button onClick={() => void lockGallery().catch((error) => toast(errorMessage(error)))}>{t.lock}</Button>
        </div>
      ) : (
        <NewPassphrase gallery={gallery} />
      )}
    </section>
  );
}

function NewPassphrase({ gallery }: { gallery: Gallery }) {
  const t = localized({ en, ko });
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const protect = async () => {
    const secret = input.current?.value;
    if (!secret) return;
    setBusy(true);
    try {
      await gallery.protect(secret);
      hasPassphrase.value = 'yes';
      toast(t.protected);
    } catch (error) {
      toast(errorMessage(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void protect();
      }}
    >
      <label class="field">
        <span class="small">{t.newPassphrase}</span>
        <input ref={input} type="password" required minLength={8} autoComplete="new-password" />
      </label>
      <div class="actions">
        <button type="submit" class="button plain" disabled={busy}>
          {t.protect}
        </button>
      </div>
    </form>
  );
}

/** Asks for the passphrase of locked people. */
export function Unlock() {
  const t = localized({ en, ko });
  const input = useRef<HTMLInputElement>(null);
  const [message, setMessage] = useState('');
  /** The passphrase of a gallery with damaged records. */
  const [repairable, setRepairable] = useState<string>();
  const unlock = async () => {
    const passphrase = input.current?.value ?? '';
    setRepairable(undefined);
    try {
      await unlockGallery(passphrase);
      hasPassphrase.value = 'yes';
    } catch (error) {
      if (isRepairable(error)) setRepairable(passphrase);
      setMessage(isRepairable(error) ? t.damaged : isWrong(error) ? t.wrongPassphrase : errorMessage(error));
    }
  };
  return (
    <form
      class="tool"
      onSubmit={(event) => {
        event.preventDefault();
        void unlock();
      }}
    >
      <h2>{t.locked}</h2>
      <label class="field">
        <span class="small">{t.passphrase}</span>
        <input ref={input} type="password" required autoComplete="current-password" />
      </label>
      <p role="alert" class="error">
        {message}
      </p>
      <div class="actions">
        <button type="submit" class={repairable === undefined ? 'button primary' : 'button plain'}>
          {t.unlock}
        </button>
        {repairable !== undefined && <Repair passphrase={repairable} />}
      </div>
    </form>
  );
}

function isWrong(error: unknown): boolean {
  return error instanceof FaceNetError && error.code === 'key-wrong';
}

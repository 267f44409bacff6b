import { FaceNetError } from 'facenet-web';
import type { Gallery } from 'facenet-web/gallery';
import { useRef, useState } from 'preact/hooks';
import { errorMessage } from '../../app/error-message.ts';
import { people, refreshPeople } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { en, ko } from './messages.ts';

/** Exports all people to a file, encrypted if a passphrase is given, and imports such a file. */
export function FileTransfer({ gallery }: { gallery: Gallery }) {
  const t = localized({ en, ko });
  const passphrase = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);

  const run = async (work: (secret: string | undefined) => Promise<string>) => {
    setBusy(true);
    try {
      toast(await work(passphrase.current?.value || undefined));
    } catch (error) {
      toast(error instanceof FaceNetError && error.code === 'key-wrong' ? t.wrongPassphrase : errorMessage(error));
    } finally {
      setBusy(false);
      await refreshPeople();
    }
  };
  const save = async (secret: string | undefined) => {
    const file = await gallery.export(secret ? { passphrase: secret } : { plain: true });
    saveFile(file, 'facenet-people.json');
    return secret ? t.exportedEncrypted : t.exportedPlain;
  };
  const open = (file: File) => async (secret: string | undefined) => {
    const added = await gallery.import(file, secret ? { passphrase: secret } : {});
    return t.imported(added.people, added.faces);
  };

  return (
    <section class="tool" aria-labelledby="transfer-title">
      <h2 id="transfer-title">{t.transfer}</h2>
      <p class="muted">{t.transferText}</p>
      <label class="field">
        <span class="small">{t.filePassphrase}</span>
        <input ref={passphrase} type="password" autoComplete="off" />
      </label>
      <div class="actions">
        <Button disabled={busy || people.value.length === 0} onClick={() => void run(save)}>
          {t.export}
        </Button>
        <ImportInput disabled={busy} onFile={(file) => void run(open(file))} />
      </div>
    </section>
  );
}

/** A button that chooses a file of exported people. */
function ImportInput({ disabled, onFile }: { disabled: boolean; onFile: (file: File) => void }) {
  const t = localized({ en, ko });
  return (
    <label class="button plain">
      {t.import}
      <input
        class="visually-hidden"
        type="file"
        accept="application/json,.json"
        disabled={disabled}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          currentTarget.value = '';
          if (file) onFile(file);
        }}
      />
    </label>
  );
}

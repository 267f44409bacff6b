import { useState } from 'preact/hooks';
import { localized } from '../../app/language.ts';
import { isTouch } from '../../app/pointer.ts';
import { fetchSample, samples } from '../../app/samples.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { DropZone, PhotoInput } from '../../ui/PhotoInput.tsx';
import { en, ko } from './messages.ts';

interface StartProps {
  onFiles: (files: readonly File[]) => void;
}

/** The start screen of an empty album: a drop zone, file pickers and the sample photos. */
export function Start({ onFiles }: StartProps) {
  const t = localized({ en, ko });
  const [fetching, setFetching] = useState(false);
  const openSamples = async () => {
    setFetching(true);
    try {
      onFiles(await Promise.all(samples.map((sample) => fetchSample(sample))));
    } catch {
      toast(t.samplesFailed);
    }
    setFetching(false);
  };
  const title = isTouch ? t.chooseTitle : t.dropTitle;
  return (
    <DropZone class="photos-start" label={title} onFiles={onFiles}>
      <h2>{title}</h2>
      <p class="muted">{t.dropText}</p>
      <div class="actions">
        {/* Browsers of phones cannot choose folders. */}
        {!isTouch && <PhotoInput kind="primary" folder label={t.chooseFolder} onFiles={onFiles} />}
        <PhotoInput kind={isTouch ? 'primary' : 'plain'} multiple label={t.choosePhotos} onFiles={onFiles} />
        <Button kind="quiet" disabled={fetching} onClick={() => void openSamples()}>
          {t.samples}
        </Button>
      </div>
      <ul class="sample-strip" aria-hidden="true">
        {samples.map(({ url }) => (
          <li key={url}>
            <img src={url} alt="" width={160} height={120} loading="lazy" decoding="async" />
          </li>
        ))}
      </ul>
    </DropZone>
  );
}

import type { Signal } from '@preact/signals';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { en, ko } from './messages.ts';
import { cameras, type RunningState, start, stop } from './session.ts';

interface ControlsProps {
  running: RunningState;
  video: { current: HTMLVideoElement | null };
  paused: Signal<boolean>;
}

/** The controls below the video: pause, source and stop. */
export function Controls({ running, video, paused }: ControlsProps) {
  const t = localized({ en, ko });
  const togglePause = () => {
    paused.value = !paused.value;
    if (paused.value) video.current?.pause();
    else void video.current?.play();
  };
  return (
    <div class="controls">
      <Button aria-pressed={paused.value} title={paused.value ? t.resume : t.pause} onClick={togglePause}>
        <Icon name={paused.value ? 'play' : 'pause'} />
        <span>{paused.value ? t.resume : t.pause}</span>
      </Button>
      <SourcePicker running={running} />
      <Button title={t.stop} onClick={stop}>
        <Icon name="stop" />
        <span>{t.stop}</span>
      </Button>
    </div>
  );
}

function SourcePicker({ running: { source } }: { running: RunningState }) {
  const t = localized({ en, ko });
  return (
    <label class="picker">
      <span class="visually-hidden">{t.source}</span>
      <select
        value={source.kind === 'samples' ? 'samples' : (source.deviceId ?? '')}
        onChange={({ currentTarget: { value } }) =>
          void start(value === 'samples' ? { kind: 'samples' } : { kind: 'camera', ...(value && { deviceId: value }) })
        }
      >
        {cameras.value.length === 0 && <option value="">{t.camera}</option>}
        {cameras.value.map(({ deviceId, label }, i) => (
          <option key={deviceId} value={deviceId}>
            {label || `${t.camera} ${i + 1}`}
          </option>
        ))}
        <option value="samples">{t.samplePhotos}</option>
      </select>
    </label>
  );
}

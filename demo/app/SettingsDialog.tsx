import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { SegmentedControl } from '../ui/SegmentedControl.tsx';
import { Dialog } from './dialogs.tsx';
import { EraseButton } from './EraseButton.tsx';
import { facenetState } from './facenet.ts';
import { formatBytes } from './format.ts';
import { people } from './gallery.ts';
import { promptInstall } from './install.ts';
import { language, languages, localized } from './language.ts';
import { en, ko } from './messages.ts';
import { measureUsage, usage } from './storage.ts';
import { theme, themes } from './theme.ts';
import { offlineReady } from './updates.ts';

const isOpen = signal(false);

/** Opens {@link SettingsDialog}. */
export function openSettings(): void {
  isOpen.value = true;
}

/** The settings: theme, language, what the page stores on this device, and a button that erases it. */
export function SettingsDialog() {
  return isOpen.value ? <OpenSettingsDialog /> : null;
}

function OpenSettingsDialog() {
  const t = localized({ en, ko });
  const close = () => {
    isOpen.value = false;
  };
  useEffect(() => void measureUsage(), []);
  const install = promptInstall.value;
  return (
    <Dialog title={t.settings} onClose={close}>
      <p class="muted">{t.settingsText}</p>
      <Button kind="quiet" class="close" aria-label={t.close} onClick={close}>
        <Icon name="close" />
      </Button>
      <dl class="facts">
        <DeviceFacts />
        <Choices />
      </dl>
      <div class="actions">
        {install && <Button onClick={() => void install()}>{t.install}</Button>}
        <EraseButton onClick={close} />
      </div>
    </Dialog>
  );
}

/** What is stored on this device, whether the page works offline, and what runs the models. */
function DeviceFacts() {
  const t = localized({ en, ko });
  const state = facenetState.value;
  return (
    <>
      <div>
        <dt>{t.storage}</dt>
        <dd>
          {t.people(people.value.length)}
          <span class="small muted">
            {usage.value ? t.used(formatBytes(usage.value.used), formatBytes(usage.value.quota)) : t.usedUnknown}
          </span>
        </dd>
      </div>
      <div>
        <dt>{t.offline}</dt>
        <dd>{offlineReady.value ? t.offlineYes : t.offlineNotYet}</dd>
      </div>
      {state.status === 'ready' && (
        <div>
          <dt>{t.runsOn}</dt>
          <dd>
            {backendLabels[state.facenet.backend.name]}, {t[state.facenet.execution.name]}
          </dd>
        </div>
      )}
    </>
  );
}

/** The theme and the language. */
function Choices() {
  const t = localized({ en, ko });
  return (
    <>
      <div>
        <dt id="settings-theme">{t.theme}</dt>
        <dd>
          <SegmentedControl
            label={t.theme}
            options={themes.map((value) => ({ value, label: t.themes[value] }))}
            value={theme.value}
            onChange={(value) => {
              theme.value = value;
            }}
          />
        </dd>
      </div>
      <div>
        <dt>{t.language}</dt>
        <dd>
          <SegmentedControl
            label={t.language}
            options={Object.entries(languages).map(([value, label]) => ({
              value: value as keyof typeof languages,
              label,
            }))}
            value={language.value}
            onChange={(value) => {
              language.value = value;
            }}
          />
        </dd>
      </div>
    </>
  );
}

/** The display names of the backends. */
export const backendLabels = { webgpu: 'WebGPU', webgl: 'WebGL', wasm: 'WebAssembly' } as const;

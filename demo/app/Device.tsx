import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import { confirmDialog, Dialog } from './dialogs.tsx';
import { facenetState } from './facenet.ts';
import { bytes } from './format.ts';
import { install } from './install.ts';
import { inLanguage, language, languages } from './language.ts';
import { en, ko } from './messages.ts';
import { people } from './people.ts';
import { eraseEverything, measureUsage, usage } from './storage.ts';
import { theme, themes } from './theme.ts';
import { keptOffline } from './updates.ts';

const open = signal(false);

/** Opens {@link Device}. */
export function showDevice(): void {
  open.value = true;
}

/** What the page keeps on this device, how it looks, and the way to be rid of it all. */
export function Device() {
  return open.value ? <OpenDevice /> : null;
}

function OpenDevice() {
  const t = inLanguage({ en, ko });
  const close = () => {
    open.value = false;
  };
  useEffect(() => void measureUsage(), []);
  const state = facenetState.value;
  const ask = install.value;
  return (
    <Dialog title={t.device} onClose={close}>
      <p class="muted">{t.deviceText}</p>
      <Button kind="quiet" class="close" aria-label={t.close} onClick={close}>
        <Icon name="close" />
      </Button>
      <dl class="facts">
        <div>
          <dt>{t.kept}</dt>
          <dd>
            {t.people(people.value.length)}
            <span class="small muted">
              {usage.value ? t.used(bytes(usage.value.used), bytes(usage.value.quota)) : t.usedUnknown}
            </span>
          </dd>
        </div>
        <div>
          <dt>{t.offline}</dt>
          <dd>{keptOffline.value ? t.offlineYes : t.offlineNotYet}</dd>
        </div>
        {state.status === 'ready' && (
          <div>
            <dt>{t.runsOn}</dt>
            <dd>
              {backendTitles[state.facenet.backend.name]}, {t[state.facenet.execution.name]}
              {state.facenet.backend.rejected.map(({ name, reason }) => (
                <span class="small muted" key={name} lang="en">
                  {backendTitles[name]}: {reason}
                </span>
              ))}
            </dd>
          </div>
        )}
        <div>
          <dt id="device-theme">{t.theme}</dt>
          <dd>
            <Segmented
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
            <Segmented
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
      </dl>
      <div class="actions">
        {ask && <Button onClick={() => void ask()}>{t.install}</Button>}
        <Button
          kind="danger"
          onClick={async () => {
            close();
            if (await confirmDialog({ title: t.eraseTitle, text: t.eraseText, yes: t.erase, danger: true })) {
              await eraseEverything();
            }
          }}
        >
          {t.erase}
        </Button>
      </div>
    </Dialog>
  );
}

/** The backends, as people write them. */
export const backendTitles = { webgpu: 'WebGPU', webgl: 'WebGL', wasm: 'WebAssembly' } as const;

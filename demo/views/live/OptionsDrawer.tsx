import { useRef } from 'preact/hooks';
import { backends, facenetOptions, type LoadChoice, presets, reloadFaceNet } from '../../app/facenet.ts';
import { formatRate } from '../../app/format.ts';
import { reopenGallery } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { backendLabels } from '../../app/SettingsDialog.tsx';
import { FaceDetails } from './FaceDetails.tsx';
import { FrameStatsList } from './FrameStatsList.tsx';
import { LivenessPanel } from './LivenessPanel.tsx';
import { detailsVisible, falseAcceptRate, landmarkStyle, maxFaces } from './live-options.ts';
import { en, ko } from './messages.ts';

const rates = [undefined, 1e-2, 1e-3, 1e-4] as const;
const styles = ['none', 'five', 'points', 'mesh'] as const;
const faceCounts = ['1', '2', '4', '8', '16'] as const;

/** What is drawn, how faces are found and how fast: collapsed until the user opens it. */
export function OptionsDrawer({ video }: { video: { current: HTMLVideoElement | null } }) {
  const t = localized({ en, ko });
  const details = useRef<HTMLDetailsElement>(null);
  return (
    <details class="options" ref={details}>
      <summary>{t.options}</summary>
      {/* Browsers disagree on whether the layout of a details element applies to its content. */}
      <div class="options-content">
        <div class="option-grid">
          <WatchChoices />
          <LoadChoices />
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={detailsVisible.value}
            onChange={({ currentTarget }) => {
              detailsVisible.value = currentTarget.checked;
            }}
          />
          {t.showDetails}
        </label>
        {detailsVisible.value && <FaceDetails />}
        <LivenessPanel video={video} />
        <FrameStatsList />
      </div>
    </details>
  );
}

/** The choices that apply to the next frame. */
function WatchChoices() {
  const t = localized({ en, ko });
  return (
    <>
      <Choice
        label={t.landmarks}
        values={styles}
        value={landmarkStyle.value}
        text={(value) => t.landmarkStyles[value]}
        onChange={(value) => {
          landmarkStyle.value = value;
        }}
      />
      <Choice
        label={t.maxFaces}
        values={faceCounts}
        value={`${maxFaces.value}` as (typeof faceCounts)[number]}
        text={(value) => value}
        onChange={(value) => {
          maxFaces.value = Number(value);
        }}
      />
      <Choice
        label={t.strictness}
        values={rates.map((rate) => `${rate ?? ''}`)}
        value={`${falseAcceptRate.value ?? ''}`}
        text={(value) => (value ? t.oneIn(formatRate(Number(value))) : t.automatic)}
        onChange={(value) => {
          falseAcceptRate.value = value ? Number(value) : undefined;
        }}
      />
    </>
  );
}

/** The choices that load the models anew. */
function LoadChoices() {
  const t = localized({ en, ko });
  const load = async (change: Partial<LoadChoice>) => {
    await reloadFaceNet(change);
    await reopenGallery();
  };
  return (
    <>
      <Choice
        label={t.preset}
        values={presets}
        value={facenetOptions.value.preset}
        text={(value) => t.presets[value]}
        onChange={(preset) => void load({ preset })}
      />
      <Choice
        label={t.backendChoice}
        values={backends}
        value={facenetOptions.value.backend}
        text={(value) => (value === 'auto' ? t.automatic : value === 'fastest' ? t.fastest : backendLabels[value])}
        onChange={(backend) => void load({ backend })}
      />
    </>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  values: readonly Value[];
  value: Value;
  text: (value: Value) => string;
  onChange: (value: Value) => void;
}

function Choice<Value extends string>({ label, values, value, text, onChange }: ChoiceProps<Value>) {
  return (
    <label class="choice">
      <span class="small muted">{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value as Value)}>
        {values.map((each) => (
          <option key={each} value={each}>
            {text(each)}
          </option>
        ))}
      </select>
    </label>
  );
}

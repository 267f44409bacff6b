import { facenetState } from '../../app/facenet.ts';
import { formatNumber } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { backendLabels } from '../../app/SettingsDialog.tsx';
import { frameStats } from './LiveVideo.tsx';
import { en, ko } from './messages.ts';

/** The frame rate, the time of each stage, and the backend that runs the models. */
export function FrameStatsList() {
  const t = localized({ en, ko });
  const state = facenetState.value;
  const { rate = 0, stages = {} } = frameStats.value ?? {};
  const milliseconds = (time: number | undefined) => (time === undefined ? '–' : `${formatNumber(time, 0)} ms`);
  return (
    <section class="speed" aria-labelledby="speed-title">
      <h3 id="speed-title">{t.speed}</h3>
      <dl class="figures">
        <div>
          <dt>{t.frameRate}</dt>
          <dd>{rate > 0 ? `${formatNumber(rate, 1)} fps` : '–'}</dd>
        </div>
        <div>
          <dt>{t.detection}</dt>
          <dd>{milliseconds(stages.detection)}</dd>
        </div>
        <div>
          <dt>{t.landmarkStage}</dt>
          <dd>{milliseconds(stages.landmarks)}</dd>
        </div>
        <div>
          <dt>{t.embedding}</dt>
          <dd>{milliseconds(stages.embedding)}</dd>
        </div>
        <div>
          <dt>{t.backend}</dt>
          <dd>
            {state.status === 'ready'
              ? `${backendLabels[state.facenet.backend.name]}, ${t.execution[state.facenet.execution.name]}`
              : t.stillLoading}
          </dd>
        </div>
      </dl>
    </section>
  );
}

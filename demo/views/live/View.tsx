import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { backendTitles } from '../../app/Device.tsx';
import { facenetState } from '../../app/facenet.ts';
import { figure } from '../../app/format.ts';
import { inLanguage } from '../../app/language.ts';
import { people } from '../../app/people.ts';
import { route } from '../../app/router.ts';
import { sentenceOf } from '../../app/sentence.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Enrolment } from './Enrolment.tsx';
import { beginEnrolment, cancelEnrolment, enrolment } from './enrolment.ts';
import { inView, newest } from './faces.ts';
import { en, ko } from './messages.ts';
import { OptIn } from './OptIn.tsx';
import { InViewList, PeopleList } from './People.tsx';
import { figures, Stage, showsLandmarks } from './Stage.tsx';
import { cameras, type LiveState, live, start, stop } from './session.ts';
import './live.css';

/** The faces before a camera, with their names. */
export function View() {
  const state = live.value;
  useEffect(leaveNoCameraOn, []);
  return (
    <section class="live view" aria-labelledby="view-title">
      {state.status === 'running' ? <Running running={state} /> : <OptIn />}
      {state.status !== 'running' && people.value.length > 0 && <PeopleList />}
    </section>
  );
}

/** Nobody expects a camera to go on running behind a page, or a view, that they no longer see. */
function leaveNoCameraOn(): () => void {
  // `#/live?samples` starts the film at once, for those who were sent a link to see it.
  if (route.peek().parameters.has('samples')) void start({ kind: 'samples' });
  const usesCamera = () => live.peek().status === 'running' && sourceOf(live.peek()) !== 'samples';
  const hidden = () => document.hidden && usesCamera() && stop();
  addEventListener('pagehide', stop);
  document.addEventListener('visibilitychange', hidden);
  return () => {
    removeEventListener('pagehide', stop);
    document.removeEventListener('visibilitychange', hidden);
    cancelEnrolment();
    stop();
  };
}

const paused = signal(false);

function Running({ running }: { running: LiveState & { status: 'running' } }) {
  const t = inLanguage({ en, ko });
  const video = useRef<HTMLVideoElement>(null);
  const { hold } = running;
  useEffect(() => {
    paused.value = false;
    return cancelEnrolment;
  }, [running.stream]);

  const enrol = async () => {
    if (!video.current) return;
    hold(true);
    try {
      await beginEnrolment(
        video.current,
        () => newest.peek(),
        () => hold(false),
      );
    } catch (error) {
      toast(sentenceOf(error));
    }
  };
  const { step } = enrolment.value;
  useEffect(() => {
    if (step === 'none') hold(false);
  }, [step]);

  return (
    <div class="running">
      <h1 id="view-title" class="unseen">
        {t.runningTitle}
      </h1>
      <div class="picture">
        <Stage running={running} video={video} />
        <Controls running={running} video={video} />
        <FiguresList />
      </div>
      <div class="action">
        {step === 'none' ? (
          <Button
            kind="primary"
            class="enrol"
            disabled={inView.value.length === 0 || paused.value}
            onClick={() => void enrol()}
          >
            <Icon name="plus" />
            {t.enrol}
          </Button>
        ) : (
          <Enrolment />
        )}
      </div>
      <div class="beside">
        <InViewList />
        <PeopleList />
      </div>
    </div>
  );
}

interface ControlsProps {
  running: LiveState & { status: 'running' };
  video: { current: HTMLVideoElement | null };
}

function Controls({ running, video }: ControlsProps) {
  const t = inLanguage({ en, ko });
  const togglePause = () => {
    paused.value = !paused.value;
    if (paused.value) video.current?.pause();
    else void video.current?.play();
  };
  return (
    <div class="controls">
      <Button aria-pressed={paused.value} onClick={togglePause}>
        <Icon name={paused.value ? 'play' : 'pause'} />
        <span>{paused.value ? t.goOn : t.pause}</span>
      </Button>
      <Button
        aria-pressed={showsLandmarks.value}
        onClick={() => {
          showsLandmarks.value = !showsLandmarks.value;
        }}
      >
        <Icon name="points" />
        <span>{t.landmarks}</span>
      </Button>
      <label class="picker">
        <span class="unseen">{t.source}</span>
        <select
          value={sourceOf(running)}
          onChange={({ currentTarget: { value } }) =>
            void start(
              value === 'samples' ? { kind: 'samples' } : { kind: 'camera', ...(value && { deviceId: value }) },
            )
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
      <Button onClick={stop}>
        <Icon name="stop" />
        <span>{t.stop}</span>
      </Button>
    </div>
  );
}

/** What the picker calls a source. */
function sourceOf(state: LiveState): string {
  if (state.status !== 'running') return '';
  return state.source.kind === 'samples' ? 'samples' : (state.source.deviceId ?? '');
}

/** How fast it is, and what does the work. */
function FiguresList() {
  const t = inLanguage({ en, ko });
  const network = facenetState.value;
  const { rate = 0, stages = {} } = figures.value ?? {};
  const milliseconds = (time: number | undefined) => (time === undefined ? '–' : `${figure(time, 0)} ms`);
  return (
    <dl class="figures">
      <div>
        <dt>{t.rate}</dt>
        <dd>{rate > 0 ? `${figure(rate, 1)} fps` : '–'}</dd>
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
          {network.status === 'ready'
            ? `${backendTitles[network.facenet.backend.name]}, ${t.places[network.facenet.execution.name]}`
            : t.stillLoading}
        </dd>
      </div>
    </dl>
  );
}

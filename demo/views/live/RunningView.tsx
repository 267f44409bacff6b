import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { errorMessage } from '../../app/error-message.ts';
import { localized } from '../../app/language.ts';
import { toast } from '../../app/toasts.tsx';
import { Button } from '../../ui/Button.tsx';
import { CodeSample } from '../../ui/CodeSample.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Controls } from './Controls.tsx';
import { Enrolment } from './Enrolment.tsx';
import { beginEnrolment, cancelEnrolment, enrolment } from './enrolment.ts';
import { facesInView, newestFaces } from './faces-in-view.ts';
import { LiveVideo, videoRatio } from './LiveVideo.tsx';
import { chosenFace } from './live-options.ts';
import { en, ko } from './messages.ts';
import { OptionsDrawer } from './OptionsDrawer.tsx';
import { FacesInView, PeopleList } from './People.tsx';
import type { RunningState } from './session.ts';

const paused = signal(false);

/** The view while a source is running: video, controls, enrolment and the lists of people. */
export function RunningView({ running }: { running: RunningState }) {
  const t = localized({ en, ko });
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    paused.value = false;
    return cancelEnrolment;
  }, [running.stream]);
  return (
    <div class="running" style={{ '--ratio': videoRatio.value }}>
      <h1 id="view-title" class="visually-hidden">
        {t.runningTitle}
      </h1>
      <div class="picture">
        <LiveVideo running={running} video={video} />
        <Controls running={running} video={video} paused={paused} />
        <OptionsDrawer video={video} />
        <CodeSample view="live" />
      </div>
      <div class="action">
        <EnrolmentAction running={running} video={video} />
      </div>
      <div class="people-column">
        <FacesInView />
        <PeopleList />
      </div>
    </div>
  );
}

interface EnrolmentActionProps {
  running: RunningState;
  video: { current: HTMLVideoElement | null };
}

/** The button that starts an enrolment, or the enrolment. The sample video is held while it runs. */
function EnrolmentAction({ running: { hold }, video }: EnrolmentActionProps) {
  const t = localized({ en, ko });
  const { step } = enrolment.value;
  useEffect(() => {
    if (step === 'none') hold(false);
  }, [step]);
  const enrol = async () => {
    if (!video.current) return;
    hold(true);
    try {
      await beginEnrolment(
        video.current,
        () => [...new Set([chosenFace.peek(), ...newestFaces.peek()])].filter((face) => face !== undefined),
        () => hold(false),
      );
    } catch (error) {
      toast(errorMessage(error));
    }
  };
  if (step !== 'none') return <Enrolment />;
  return (
    <Button
      kind="primary"
      class="enrol"
      disabled={facesInView.value.length === 0 || paused.value}
      onClick={() => void enrol()}
    >
      <Icon name="plus" />
      {t.enrol}
    </Button>
  );
}

import { useEffect } from 'preact/hooks';
import { people } from '../../app/gallery.ts';
import { route } from '../../app/router.ts';
import { cancelEnrolment } from './enrolment.ts';
import { OptIn } from './OptIn.tsx';
import { PeopleList } from './People.tsx';
import { RunningView } from './RunningView.tsx';
import { live, start, stop } from './session.ts';
import './live.css';

/** Recognises the faces in live video. */
export function View() {
  const state = live.value;
  useEffect(manageSession, []);
  return (
    <section class="live view" aria-labelledby="view-title">
      {state.status === 'running' ? <RunningView running={state} /> : <OptIn />}
      {state.status !== 'running' && people.value.length > 0 && <PeopleList />}
    </section>
  );
}

/** Starts the sample video for `#/live?samples`. Turns the camera off when the page is hidden or the view is left. */
function manageSession(): () => void {
  if (route.peek().parameters.has('samples')) void start({ kind: 'samples' });
  const onVisibilityChange = () => {
    const state = live.peek();
    if (document.hidden && state.status === 'running' && state.source.kind === 'camera') stop();
  };
  addEventListener('pagehide', stop);
  document.addEventListener('visibilitychange', onVisibilityChange);
  return () => {
    removeEventListener('pagehide', stop);
    document.removeEventListener('visibilitychange', onVisibilityChange);
    cancelEnrolment();
    stop();
  };
}

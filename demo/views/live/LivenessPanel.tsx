import { useEffect, useState } from 'preact/hooks';
import { errorMessage } from '../../app/error-message.ts';
import { loadedFaceNet } from '../../app/facenet.ts';
import { formatShare } from '../../app/format.ts';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { chosenFace } from './live-options.ts';
import { en, ko } from './messages.ts';

type State = { status: 'idle' } | { status: 'running'; prompt: string } | { status: 'done'; text: string };

/** A challenge of gestures, and the scores of the two networks that judge the appearance of a face. */
export function LivenessPanel({ video }: { video: { current: HTMLVideoElement | null } }) {
  const t = localized({ en, ko });
  const [state, setState] = useState<State>({ status: 'idle' });
  const [controller, setController] = useState<AbortController>();
  useEffect(() => () => controller?.abort(), [controller]);

  const run = async (work: (element: HTMLVideoElement, signal: AbortSignal) => Promise<string>) => {
    if (!video.current) return;
    const started = new AbortController();
    setController(started);
    setState({ status: 'running', prompt: t.livenessLoading });
    try {
      setState({ status: 'done', text: await work(video.current, started.signal) });
    } catch (error) {
      setState(started.signal.aborted ? { status: 'idle' } : { status: 'done', text: errorMessage(error) });
    }
  };

  const challengeFace = (element: HTMLVideoElement, signal: AbortSignal) =>
    runChallenge(element, signal, (prompt) => setState({ status: 'running', prompt: t.prompts[prompt] }), t);

  return (
    <section class="liveness" aria-labelledby="liveness-title">
      <h3 id="liveness-title">{t.liveness}</h3>
      <p class="small muted">{t.livenessText}</p>
      <p class="prompt" role="status">
        {state.status === 'running' ? state.prompt : state.status === 'done' ? state.text : ''}
      </p>
      <div class="actions">
        {state.status === 'running' ? (
          <Button onClick={() => controller?.abort()}>{t.cancel}</Button>
        ) : (
          <>
            <Button onClick={() => void run(challengeFace)}>{t.startChallenge}</Button>
            <Button onClick={() => void run((element, signal) => passiveScore(element, signal, t))}>
              {t.scoreAppearance}
            </Button>
          </>
        )}
      </div>
    </section>
  );
}

type Texts = ReturnType<typeof localized<typeof en>>;

async function runChallenge(
  video: HTMLVideoElement,
  signal: AbortSignal,
  onPrompt: (prompt: keyof (typeof en)['prompts']) => void,
  t: Texts,
): Promise<string> {
  const { challenge } = await import('facenet-web/liveness');
  const facenet = await loadedFaceNet();
  const result = await challenge(facenet.watch(video, { maxFaces: 2, signal }), { onPrompt, signal });
  return result.passed ? t.challengePassed : t.challengeFailures[result.reason];
}

async function passiveScore(video: HTMLVideoElement, signal: AbortSignal, t: Texts): Promise<string> {
  const { Liveness } = await import('facenet-web/liveness');
  const face = chosenFace.peek();
  if (!face) return t.nobodyInView;
  const networks = await Liveness.load({ signal });
  try {
    const { antispoof, liveness } = await networks.score(video, face, { signal });
    return t.passiveScores(percent(antispoof), percent(liveness));
  } finally {
    await networks.dispose();
  }
}

function percent(score: number): string {
  return formatShare(score);
}

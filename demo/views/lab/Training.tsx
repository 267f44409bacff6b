import type { HeadEpoch, HeadReport, Triplet } from 'facenet-web/training';
import { useEffect, useState } from 'preact/hooks';
import { loadedFaceNet } from '../../app/facenet.ts';
import { formatNumber } from '../../app/format.ts';
import { people } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { augmentedFaces } from './augmented-faces.ts';
import { Chart } from './Chart.tsx';
import { DataTable } from './DataTable.tsx';
import { EmbeddingPlot, type PlotLine, plotAspect } from './EmbeddingPlot.tsx';
import { type EmbeddingPoint, embeddingPoints, personLabels } from './embedding-points.ts';
import { FaceSource, type FaceSourceName } from './FaceSource.tsx';
import { count, percent } from './format.ts';
import { en, ko } from './messages.ts';
import { fitToPlot } from './plot-layout.ts';
import { TaskError } from './TaskError.tsx';
import { useTask } from './use-task.ts';

/** How long an epoch is shown at least, in milliseconds: training is quicker than the eye. */
const shownFor = 90;

/** So many epochs are enough to see what happens. */
const epochs = 60;

/** So many of the triplets that are selected first are drawn. */
const drawnTriplets = 12;

/** From so many people with several faces on, some are held out. */
const fewestHeldOut = 10;

/** A head learned while one watches: semi-hard triplets pull the faces of one person together, and others away. */
export function Training() {
  const t = localized({ en, ko });
  const { state, busy, start, cancel } = useTask();
  const [source, setSource] = useState<FaceSourceName>(people.peek().length > 2 ? 'gallery' : 'samples');
  const [points, setPoints] = useState<readonly EmbeddingPoint[]>([]);
  const [progress, setProgress] = useState<number>();
  const [frames, setFrames] = useState<readonly HeadEpoch[]>([]);
  const [shown, setShown] = useState(0);
  const [lines, setLines] = useState<readonly PlotLine[]>([]);
  const [report, setReport] = useState<HeadReport>();
  const [tooFew, setTooFew] = useState(false);
  const train = () =>
    void start(async (signal) => {
      setFrames([]);
      setReport(undefined);
      setShown(0);
      setProgress(0);
      const facenet = await loadedFaceNet();
      const found = await embeddingPoints(source, facenet, () => augmentedFaces(facenet, setProgress, signal), signal);
      setProgress(undefined);
      const several = withSeveralFaces(found);
      setTooFew(new Set(several.map(({ person }) => person)).size < 2);
      if (new Set(several.map(({ person }) => person)).size < 2) return;
      setPoints(several);
      // Learning is fetched when somebody wants to see it.
      const { selectTriplets, trainHead } = await import('facenet-web/training');
      setLines(
        linesOf(
          selectTriplets(
            several.map(({ embedding }) => embedding),
            several.map(({ person }) => person),
          ),
        ),
      );
      const enough = new Set(several.map(({ person }) => person)).size >= fewestHeldOut;
      await using head = await trainHead(several, {
        epochs,
        plot: true,
        heldOut: enough ? 0.2 : 0,
        patience: epochs,
        onEpoch: (epoch) => setFrames((before) => [...before, epoch]),
        signal,
      });
      setReport(head.report);
    });
  usePlayback(frames.length, shown, setShown);
  const frame = frames[shown];
  return (
    <>
      <FaceSource value={source} onChange={setSource} samples={t.fromVaried} />
      {source === 'samples' && <p class="small muted">{t.variedText}</p>}
      <div class="actions">
        <Button kind="primary" disabled={busy} onClick={train}>
          {frames.length > 0 ? t.trainAgain : t.train}
        </Button>
        {busy && <Button onClick={cancel}>{t.cancel}</Button>}
      </div>
      <TaskError state={state} />
      {busy && progress !== undefined && (
        <div class="lab-progress">
          <p class="small muted">{t.preparing}</p>
          <ProgressBar label={t.preparing} value={progress} />
        </div>
      )}
      {tooFew && !busy && <EmptyState title={t.tooFewToLearn} text={t.tooFewToLearnText} />}
      {frame && (
        <>
          <EpochPlot frame={frame} points={points} lines={lines} />
          <label class="scrubber">
            <span class="figure">{t.epochOf(frame.epoch, frames.length - 1)}</span>
            <input
              type="range"
              min={0}
              max={frames.length - 1}
              value={shown}
              onInput={({ currentTarget }) => setShown(Number(currentTarget.value))}
            />
          </label>
          <Triplets frames={frames.slice(0, shown + 1)} />
        </>
      )}
      <p role="status" class="visually-hidden">
        {report && t.trained(report.epochs)}
      </p>
      {report && <Report report={report} />}
    </>
  );
}

/** Shows one epoch after the other, as they come; at once where motion is not wanted. */
function usePlayback(frames: number, shown: number, setShown: (frame: number) => void): void {
  const [seen, setSeen] = useState(0);
  useEffect(() => {
    if (frames === 0) setSeen(0);
    // Whoever looks back at an earlier epoch is not carried away again.
    if (shown < seen || shown >= frames - 1) return;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      setSeen(frames - 1);
      setShown(frames - 1);
      return;
    }
    const timer = setTimeout(() => {
      setSeen(shown + 1);
      setShown(shown + 1);
    }, shownFor);
    return () => clearTimeout(timer);
  }, [frames, shown]);
}

/** Some of the triplets, evenly taken, as lines from their anchors. */
function linesOf(triplets: readonly Triplet[]): PlotLine[] {
  const every = Math.max(1, Math.floor(triplets.length / drawnTriplets));
  const some = triplets.filter((_, i) => i % every === 0).slice(0, drawnTriplets);
  return some.flatMap(({ anchor, positive, negative }) => [
    { from: anchor, to: positive, kind: 'positive' as const },
    { from: anchor, to: negative, kind: 'negative' as const },
  ]);
}

interface EpochPlotProps {
  frame: HeadEpoch;
  points: readonly EmbeddingPoint[];
  lines: readonly PlotLine[];
}

function EpochPlot({ frame, points, lines }: EpochPlotProps) {
  const t = localized({ en, ko });
  const labels = personLabels(points, t.person);
  const { plot } = frame;
  const places = fitToPlot(
    points.map((_, i) => ({ x: plot?.[2 * i] ?? 0, y: plot?.[2 * i + 1] ?? 0 })),
    plotAspect,
  );
  const faces = points.map(({ person, crop }) => ({ person, crop, label: labels.get(person) ?? '' }));
  return (
    <>
      <EmbeddingPlot label={t.training.title} faces={faces} places={places} lines={lines} />
      <ul class="line-key small muted" aria-hidden="true">
        {(['positive', 'negative'] as const).map((kind) => (
          <li key={kind}>
            <svg viewBox="0 0 28 4" aria-hidden="true">
              <line class={kind} x1={0} y1={2} x2={28} y2={2} />
            </svg>
            {t.lines[kind]}
          </li>
        ))}
      </ul>
    </>
  );
}

/** How the triplets of the mini-batches stand, epoch by epoch. */
function Triplets({ frames }: { frames: readonly HeadEpoch[] }) {
  const t = localized({ en, ko });
  const shareOf = (kind: 'hard' | 'semiHard', { triplets }: HeadEpoch) => triplets[kind] / Math.max(1, triplets.valid);
  const line = (kind: 'hard' | 'semiHard') => frames.map((frame) => [frame.epoch, shareOf(kind, frame)] as const);
  const most = Math.max(0.01, ...frames.map((frame) => Math.max(shareOf('hard', frame), shareOf('semiHard', frame))));
  return (
    <Chart
      title={t.triplets}
      x={{ label: t.epoch, range: [0, epochs], format: (epoch) => count(epoch) }}
      y={{ label: t.shareOfTriplets, range: [0, most * 1.1], format: (share) => percent(share, 1) }}
      series={[
        { label: t.semiHard, tone: 'accent', points: line('semiHard'), fill: true },
        { label: t.hard, tone: 'danger', dash: [8, 5], points: line('hard') },
      ]}
      table={{
        caption: t.triplets,
        heads: [t.epoch, t.loss, t.semiHard, t.hard],
        rows: frames
          .filter(({ epoch }) => epoch % 5 === 0 || epoch === frames.length - 1)
          .map((frame) => [
            count(frame.epoch),
            formatNumber(frame.loss, 4),
            percent(shareOf('semiHard', frame), 2),
            percent(shareOf('hard', frame), 2),
          ]),
      }}
    >
      <p class="small muted">{t.tripletsText}</p>
    </Chart>
  );
}

function Report({ report }: { report: HeadReport }) {
  const t = localized({ en, ko });
  const { learned, heldOut, before, after, bestEpoch } = report;
  return (
    <section class="report">
      <h3>{t.whatItGave}</h3>
      <p class="small muted">{t.learnedFrom(learned.people, learned.faces, heldOut.people, heldOut.faces)}</p>
      {before && after ? (
        <DataTable
          open
          caption={t.whatItGave}
          heads={[t.heldOutPeople, t.before, t.after(bestEpoch)]}
          rows={[
            [t.decidability, formatNumber(before.decidability, 2), formatNumber(after.decidability, 2)],
            [t.eer, percent(before.equalErrorRate, 2), percent(after.equalErrorRate, 2)],
          ]}
        />
      ) : (
        <p class="small muted">{t.nobodyHeldOut}</p>
      )}
    </section>
  );
}

/** The faces of people who have two at least: nothing is learned from others. */
function withSeveralFaces(points: readonly EmbeddingPoint[]): EmbeddingPoint[] {
  const faces = new Map<string, number>();
  for (const { person } of points) faces.set(person, (faces.get(person) ?? 0) + 1);
  return points.filter(({ person }) => (faces.get(person) ?? 0) > 1);
}

import type { HeadEpoch, HeadReport, Triplet } from 'facenet-web/training';
import { useState } from 'preact/hooks';
import { loadedFaceNet } from '../../app/facenet.ts';
import { augmentedFaces } from './augmented-faces.ts';
import type { PlotLine } from './EmbeddingPlot.tsx';
import { type EmbeddingPoint, embeddingPoints } from './embedding-points.ts';
import type { FaceSourceName } from './FaceSource.tsx';
import { useTask } from './use-task.ts';

/** The maximum number of epochs. */
export const maxEpochs = 60;

/** The number of triplets to draw, of those selected before the first epoch. */
const drawnTriplets = 12;

/** The margin of the triplets. The embedder separates most people by more than the paper's 0.2, which leaves nothing to learn. */
const margin = 1.2;

/** The minimum number of people for holding some of them out for evaluation. */
const minPeopleForHoldOut = 10;

/** Trains a head on a source's faces and keeps the results for display. */
export function useTraining(source: FaceSourceName) {
  const { state, busy, start, cancel } = useTask();
  const [points, setPoints] = useState<readonly EmbeddingPoint[]>([]);
  const [progress, setProgress] = useState<number>();
  const [history, setHistory] = useState<readonly HeadEpoch[]>([]);
  const [lines, setLines] = useState<readonly PlotLine[]>([]);
  const [report, setReport] = useState<HeadReport>();
  const [tooFew, setTooFew] = useState(false);
  const train = () =>
    void start(async (signal) => {
      setHistory([]);
      setReport(undefined);
      setProgress(0);
      const facenet = await loadedFaceNet();
      const all = await embeddingPoints(source, () => augmentedFaces(facenet, setProgress, signal), signal);
      setProgress(undefined);
      const examples = withSeveralFaces(all);
      const labels = examples.map(({ person }) => person);
      const peopleCount = new Set(labels).size;
      setTooFew(peopleCount < 2);
      if (peopleCount < 2) return;
      setPoints(examples);
      const { selectTriplets, trainHead } = await import('facenet-web/training');
      const embeddings = examples.map(({ embedding }) => embedding);
      setLines(tripletLines(selectTriplets(embeddings, labels, { margin })));
      await using head = await trainHead(examples, {
        epochs: maxEpochs,
        margin,
        plot: true,
        heldOut: peopleCount >= minPeopleForHoldOut ? 0.2 : 0,
        patience: maxEpochs,
        onEpoch: (epoch) => setHistory((before) => [...before, epoch]),
        signal,
      });
      setReport(head.report);
    });
  return { state, busy, train, cancel, points, progress, history, lines, report, tooFew };
}

/** The faces of people with at least two faces: triplets need two faces of the same person. */
function withSeveralFaces(points: readonly EmbeddingPoint[]): EmbeddingPoint[] {
  const counts = new Map<string, number>();
  for (const { person } of points) counts.set(person, (counts.get(person) ?? 0) + 1);
  return points.filter(({ person }) => (counts.get(person) ?? 0) > 1);
}

/** Lines from the anchors of evenly sampled triplets to their positives and negatives. */
function tripletLines(triplets: readonly Triplet[]): PlotLine[] {
  const step = Math.max(1, Math.floor(triplets.length / drawnTriplets));
  const sampled = triplets.filter((_, i) => i % step === 0).slice(0, drawnTriplets);
  return sampled.flatMap(({ anchor, positive, negative }) => [
    { from: anchor, to: positive, kind: 'positive' as const },
    { from: anchor, to: negative, kind: 'negative' as const },
  ]);
}

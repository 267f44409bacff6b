import { useEffect, useMemo, useState } from 'preact/hooks';
import { loadedFaceNet } from '../../app/facenet.ts';
import { formatNumber } from '../../app/format.ts';
import { people } from '../../app/gallery.ts';
import { localized } from '../../app/language.ts';
import { hrefOf } from '../../app/router.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { people as albumPeople } from '../photos/album.ts';
import { DataTable } from './DataTable.tsx';
import { EmbeddingPlot, plotAspect } from './EmbeddingPlot.tsx';
import { type EmbeddingPoint, embeddingPoints, personLabels, samplePoints } from './embedding-points.ts';
import { FaceSource, type FaceSourceName } from './FaceSource.tsx';
import { formatPercent } from './format.ts';
import { en, ko } from './messages.ts';
import { nearestOthers, personSpreads } from './neighbours.ts';
import { principalPlane, projected } from './pca.ts';
import { fitToPlot } from './plot-layout.ts';
import { TaskError } from './TaskError.tsx';
import { useTask } from './use-task.ts';

/** The maximum number of faces to plot. More are subsampled: they add nothing to the plot and slow the page down. */
const maxFaces = 300;

/** Plots faces as points: their embeddings projected onto the first two principal components. */
export function Embeddings() {
  const t = localized({ en, ko });
  const { state, busy, start } = useTask();
  const [source, setSource] = useState<FaceSourceName>(
    people.peek().length > 1 ? 'gallery' : albumPeople.peek().length > 1 ? 'photos' : 'samples',
  );
  const [progress, setProgress] = useState<number>();
  const [points, setPoints] = useState<readonly EmbeddingPoint[]>([]);
  useEffect(() => {
    setPoints([]);
    setProgress(undefined);
    void start(async (signal) => {
      const facenet = await loadedFaceNet();
      signal.throwIfAborted();
      const all = await embeddingPoints(source, () => samplePoints(facenet, setProgress, signal), signal);
      const every = Math.ceil(all.length / maxFaces);
      setPoints(all.filter((_, i) => i % every === 0));
    });
  }, [source]);
  return (
    <>
      <FaceSource value={source} onChange={setSource} samples={t.fromSamples} />
      <TaskError state={state} />
      {busy && (
        <div class="plot-waiting" role="status">
          <p class="muted">{t.embedding}</p>
          {progress !== undefined && <ProgressBar label={t.embedding} value={progress} />}
        </div>
      )}
      {!busy && points.length > 2 && <Plot points={points} />}
      {!busy && state.status !== 'failed' && points.length <= 2 && (
        <EmptyState title={t.tooFew} text={source === 'gallery' ? t.tooFewGallery : t.tooFewPhotos}>
          <a class="button" href={hrefOf(source === 'gallery' ? 'live' : 'photos')}>
            {source === 'gallery' ? t.goLive : t.goPhotos}
          </a>
        </EmptyState>
      )}
    </>
  );
}

function Plot({ points }: { points: readonly EmbeddingPoint[] }) {
  const t = localized({ en, ko });
  const { plane, positions, nearest, table } = useMemo(() => {
    const embeddings = points.map(({ embedding }) => embedding);
    const plane = principalPlane(embeddings);
    return {
      plane,
      positions: fitToPlot(
        embeddings.map((embedding) => projected(embedding, plane)),
        plotAspect,
      ),
      nearest: nearestOthers(embeddings),
      table: personSpreads(points),
    };
  }, [points]);
  const labels = personLabels(points, t.person);
  const faces = points.map(({ person, crop }, i) => {
    const near = nearest[i];
    const label = labels.get(person) ?? '';
    const other = near && (labels.get(points[near.index]?.person ?? '') ?? '');
    return { person, label, crop, nearest: near && { label: other ?? '', distance: near.distance } };
  });
  return (
    <>
      <EmbeddingPlot label={t.embeddings.title} faces={faces} positions={positions} />
      <p class="small muted">{t.explained(formatPercent(plane.explained[0] + plane.explained[1], 0))}</p>
      <DataTable
        caption={t.embeddings.title}
        heads={[t.personHeader, t.faces, t.meanDistance, t.nearestOther]}
        rows={table.map(({ person, faces, within, toOthers }) => [
          labels.get(person) ?? '',
          String(faces),
          Number.isNaN(within) ? '–' : formatNumber(within, 2),
          Number.isFinite(toOthers) ? formatNumber(toOthers, 2) : '–',
        ])}
      />
    </>
  );
}

import type { ComponentType } from 'preact';
import { localized } from '../../app/language.ts';
import { hrefOf, route } from '../../app/router.ts';
import { CodeSample } from '../../ui/CodeSample.tsx';
import { useScrollToSelected } from '../../ui/scroll-to-selected.ts';
import { Bench } from './Bench.tsx';
import { Calibration } from './Calibration.tsx';
import { Detectors } from './Detectors.tsx';
import { Embeddings } from './Embeddings.tsx';
import { Evaluation } from './Evaluation.tsx';
import { en, ko } from './messages.ts';
import { Originals } from './Originals.tsx';
import { Report } from './Report.tsx';
import { Training } from './Training.tsx';
import './lab.css';

const panels = {
  calibration: Calibration,
  evaluation: Evaluation,
  report: Report,
  detectors: Detectors,
  originals: Originals,
  embeddings: Embeddings,
  bench: Bench,
  training: Training,
} as const satisfies Record<string, ComponentType>;
type PanelName = keyof typeof panels;

const panelNames = Object.keys(panels) as PanelName[];

/** Measurements and experiments, one per panel. The URL selects the panel: `#/lab?panel=bench`. */
export function View() {
  const t = localized({ en, ko });
  const requested = route.value.parameters.get('panel');
  const shown = panelNames.find((name) => name === requested) ?? 'calibration';
  const Panel = panels[shown];
  const row = useScrollToSelected<HTMLElement>(shown);
  return (
    <section class="lab view" aria-labelledby="view-title">
      <header class="lab-head">
        <h1 id="view-title">{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </header>
      <nav class="lab-panels" ref={row} aria-label={t.panels}>
        {panelNames.map((name) => (
          <a key={name} href={hrefOf('lab', { panel: name })} aria-current={name === shown ? 'true' : undefined}>
            {t[name].name}
          </a>
        ))}
      </nav>
      <section class="panel" aria-labelledby="panel-title">
        <header class="panel-head">
          <h2 id="panel-title">{t[shown].title}</h2>
          <p class="muted">{t[shown].text}</p>
        </header>
        <Panel key={shown} />
      </section>
      <CodeSample view="lab" />
    </section>
  );
}

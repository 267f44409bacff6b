import { type BrowserSession, openPage } from '../../kit/browser.ts';
import { PeakFlopsMeter } from '../peak-flops.ts';
import { networkDescriptors } from './bundle-page.ts';
import type { LayerTime } from './layers-page.ts';
import type { NetworkName } from './names.ts';

/** The operations of a network with equal shapes. */
export interface LayerReport {
  label: string;
  /** The number of such operations in the network. */
  count: number;
  /** The multiply-adds of all of them, and the time that they take, in milliseconds. */
  macs: number;
  milliseconds: number;
  /** The speed, and its share of the attainable one; null for operations without multiply-adds. */
  gflops: number | null;
  share: number | null;
}

/** The layers of each network, slowest first, and the attainable speed of a thread. */
export interface LayersReport {
  attainableGflops: number;
  networks: Record<NetworkName, LayerReport[]>;
}

/** The samples of a pass over a network, and the passes, between which the attainable speed is measured. */
const samples = 7;
const passes = 5;

/**
 * Measures each layer of the networks on the kernels with relaxed SIMD, on one thread: the best of all samples, because
 * other processes can only make a sample longer. The attainable speed is the best of its samples too.
 *
 * @param session whose server makes pages cross-origin isolated: their clocks are more precise.
 */
export async function measureLayers(session: BrowserSession): Promise<LayersReport> {
  const page = await openPage(session.browser, session.server);
  const meter = await PeakFlopsMeter.open(session);
  const times = new Map<string, LayerTime[]>();
  for (let pass = 0; pass < passes; pass++) {
    await meter.measure();
    for (const descriptor of networkDescriptors()) {
      const measured = await page.evaluate(
        async (given) => {
          const { timeLayers } = (await import(
            '/runtimes/layers-page.js' as string
          )) as typeof import('./layers-page.ts');
          return timeLayers(given.descriptor, 'facenet-relaxed-simd', given.samples);
        },
        { descriptor, samples },
      );
      const earlier = times.get(descriptor.name);
      const best = measured.map((layer, i) => ({
        ...layer,
        best: Math.min(layer.best, earlier?.[i]?.best ?? layer.best),
      }));
      times.set(descriptor.name, best);
    }
  }
  await page.close();
  const attainableGflops = meter.best;
  const networks = [...times].map(([name, layers]) => [name, grouped(layers, attainableGflops)]);
  return { attainableGflops, networks: Object.fromEntries(networks) };
}

function grouped(layers: readonly LayerTime[], attainableGflops: number): LayerReport[] {
  const groups = new Map<string, LayerTime[]>();
  for (const layer of layers) groups.set(layer.label, [...(groups.get(layer.label) ?? []), layer]);
  return [...groups]
    .map(([label, members]) => {
      const macs = members.reduce((sum, layer) => sum + layer.macs, 0);
      const milliseconds = members.reduce((sum, layer) => sum + layer.best, 0);
      const gflops = macs > 0 ? (2 * macs) / milliseconds / 1e6 : null;
      return { label, count: members.length, macs, milliseconds, gflops, share: gflops && gflops / attainableGflops };
    })
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

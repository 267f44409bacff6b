import { markdownTable } from '../../kit/markdown.ts';
import type { LayerReport, LayersReport } from './measure-layers.ts';
import type { RuntimeReport } from './measure-runtimes.ts';
import type { RuntimeName } from './names.ts';

/** What `--only runtimes` measured. */
export interface Runtimes {
  oneThread: RuntimeReport;
  twoThreads: RuntimeReport;
  bytes: Record<RuntimeName, number>;
}

/** The runtimes as tables. */
export function runtimesText({ oneThread, twoThreads, bytes }: Runtimes): string {
  return `## Runtimes

The same networks with the same weights on each runtime, in turns in one page: milliseconds of one
run, median (best), and times the kernels' median. \`kernels-plain\` is plain SIMD. Every runtime
gets the network in its own best form, written from the prepared graphs: NCHW with PReLU as one
operator for ONNX Runtime Web, fused activations for LiteRT.js (XNNPACK). All give the same answers
within 10⁻³. The kernels' times include the normalisation of the pixels; the others get floats.

On one thread:

${runtimeTable(oneThread)}
The targets are 2× ONNX Runtime Web's speed and 1.5× LiteRT.js's.
[Decision 041](decisions/041-kernels-by-measurement.md) has the measurements of what limits
MobileFaceNet.

On two threads of a cross-origin isolated page (TensorFlow.js runs on one thread in this library):

${runtimeTable(twoThreads)}
Compressed bytes that a runtime adds to a page on one thread, without networks:

${markdownTable(
  ['runtime', 'kB'],
  Object.entries(bytes).map(([name, size]) => [name, (size / 1e3).toFixed(0)]),
)}`;
}

function runtimeTable(report: RuntimeReport): string {
  const networks = Object.entries(report);
  const names = [...new Set(networks.flatMap(([, times]) => Object.keys(times)))] as RuntimeName[];
  return markdownTable(
    ['network', ...names, 'kernels, GFLOP/s'],
    networks.map(([network, times]) => {
      const ours = times.kernels;
      const cells = names.map((name) => {
        const measured = times[name];
        if (!measured) return '–';
        const { median, min } = measured;
        const ratio = name === 'kernels' || !ours ? '' : `, ${(median / ours.median).toFixed(2)}×`;
        return `${median.toFixed(1)} (${min.toFixed(1)})${ratio}`;
      });
      return [network, ...cells, ours?.gflops.toFixed(1) ?? '–'];
    }),
  );
}

/** The layers as tables. */
export function layersText({ attainableGflops, networks }: LayersReport): string {
  const tables = Object.entries(networks).map(([name, layers]) => `### ${name}\n\n${layerTable(layers)}`);
  return `## Layers

Each layer of the networks on the kernels with relaxed SIMD, one thread, its data in the caches: the
best of its samples, with the share of the attainable ${attainableGflops.toFixed(1)} GFLOP/s. Winograd's
minimal filtering (3×3, stride 1) needs a quarter of the multiplications that are counted here.

Layers below 60 % are of these kinds:

- Outputs of 1×1 or 3×3 pixels: a tile has six pixels, and the missing ones repeat the last. With
  one pixel a sixth of the speed can be reached.
- Pointwise layers with fewer than eight outputs: eight are computed, so that 2 of 8 reach at most a
  quarter, 4 half, 6 three quarters.
- Pointwise layers with 8 or 16 inputs: a tile has 8 or 16 steps of 6 cycles. Its addresses, its
  stores and the end of its loop take about 40 cycles, as the layers with 64 to 256 inputs show.
- Depthwise layers: an input vector takes part in at most nine multiplications with stride 1, and in
  two on average with stride 2, so that loads are the limit. Rows of 6, 7 and 14 pixels are computed
  in overlapping tiles of four. With 512 channels the pixels of a tile are 2 KiB apart and share two
  sets of the level-1 cache.

${tables.join('\n')}`;
}

function layerTable(layers: readonly LayerReport[]): string {
  return markdownTable(
    ['layer', 'count', 'ms', 'GFLOP/s', 'of attainable'],
    layers.map(({ label, count, milliseconds, gflops, share }) => [
      label,
      String(count),
      milliseconds.toFixed(3),
      gflops === null ? '–' : gflops.toFixed(1),
      share === null ? '–' : `${(100 * share).toFixed(0)} %`,
    ]),
  );
}

import type { Architecture, Layer } from '../../../../lib/training/networks/description.ts';

/** Eight divides the channels of all residual connections, so that slim networks stay consistent. */
const divisor = 8;

/**
 * An architecture with an eighth of the filters and units in each layer: the same topology, kernels, strides and sizes at a
 * sixty-fourth of the cost.
 */
export function slim(architecture: Architecture): Architecture {
  return { ...architecture, layers: architecture.layers.map(slimLayer) };
}

function slimLayer(layer: Layer): Layer {
  switch (layer.kind) {
    case 'convolution':
      return { ...layer, filters: Math.ceil(layer.filters / divisor) };
    case 'fully-connected':
      return { ...layer, units: Math.ceil(layer.units / divisor) };
    case 'block':
      return { ...layer, branches: layer.branches.map((branch) => branch.map(slimLayer)) };
    case 'residual':
      return { ...layer, layers: layer.layers.map(slimLayer) };
    default:
      return layer;
  }
}

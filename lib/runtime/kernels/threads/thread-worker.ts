import { callKernel, type KernelCall, type Kernels } from '../wasm/signatures.ts';
import { waitAtBarrier } from './barrier.ts';
import type { SharedCounter, ThreadMessage } from './messages.ts';

/** The data of a network that one thread needs. */
interface AttachedNetwork {
  kernels: Kernels;
  arrivals: SharedCounter;
  size: number;
  /** This thread's calls by batch size. */
  plans: Map<number, readonly (KernelCall | undefined)[]>;
}

/** Turns this worker into a thread of the kernels: it computes its share of every run. */
export function serveAsThread(): void {
  const networks = new Map<number, AttachedNetwork>();
  addEventListener('message', ({ data }: MessageEvent<ThreadMessage>) => {
    if (data.type === 'attach') {
      const { arrivals, size } = data;
      const { exports } = new WebAssembly.Instance(data.module, { env: { memory: data.memory } });
      networks.set(data.network, { kernels: exports as unknown as Kernels, arrivals, size, plans: new Map() });
      return;
    }
    const network = networks.get(data.network);
    if (!network) return;
    if (data.type === 'plan') network.plans.set(data.images, data.calls);
    else if (data.type === 'detach') networks.delete(data.network);
    else runShare(network, data.images, data.arrivalsBefore);
  });
  postMessage('ready');
}

function runShare({ kernels, arrivals, size, plans }: AttachedNetwork, images: number, arrivalsBefore: number): void {
  plans.get(images)?.forEach((call, step) => {
    if (call) callKernel(kernels, call);
    waitAtBarrier(arrivals, arrivalsBefore + (step + 1) * size);
  });
}

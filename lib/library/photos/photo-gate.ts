/** Lets photos that are indexed at once wait for each other. */
export class PhotoGate {
  readonly #running = new Map<string, Promise<void>>();
  readonly #maxPixels: number;
  #pixels = 0;
  #waiting: (() => void)[] = [];

  /** @param maxPixels how many pixels may be decoded at once, unless one photo has more. */
  constructor(maxPixels: number) {
    this.#maxPixels = maxPixels;
  }

  /** Runs a task for a photo once no other one for the same photo runs. @param id the photo's. */
  async oneForEach<T>(id: string, task: () => Promise<T>): Promise<T> {
    for (let other = this.#running.get(id); other; other = this.#running.get(id)) await other;
    const running = task();
    const settled = running.then(
      () => {},
      () => {},
    );
    this.#running.set(id, settled);
    try {
      return await running;
    } finally {
      this.#running.delete(id);
    }
  }

  /** Runs a task that decodes a photo once the pixels of the others leave enough memory. */
  async withinMemory<T>(pixels: number, task: () => Promise<T>): Promise<T> {
    while (this.#pixels > 0 && this.#pixels + pixels > this.#maxPixels) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#pixels += pixels;
    try {
      return await task();
    } finally {
      this.#pixels -= pixels;
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }
}

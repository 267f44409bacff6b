/** How many of the last photos the pace is taken from: enough to be steady, few enough to follow. */
const remembered = 20;

/** How long the rest of a queue will take, going by its last photos. */
export class RemainingTime {
  readonly #durations: number[] = [];

  /** Tells how long one photo took, in milliseconds. */
  add(duration: number): void {
    this.#durations.push(duration);
    if (this.#durations.length > remembered) this.#durations.shift();
  }

  /** @returns milliseconds; undefined until there is something to go by. */
  timeLeft(photos: number): number | undefined {
    const { length } = this.#durations;
    if (length < 2) return undefined;
    return (this.#durations.reduce((sum, duration) => sum + duration, 0) / length) * photos;
  }
}

/** A duration as one would say it: "about" is the caller's. */
export function formatDuration(milliseconds: number, language: string): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  const unit = (value: number, name: 'second' | 'minute' | 'hour') =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value);
  if (seconds < 60) return unit(seconds < 10 ? seconds : Math.round(seconds / 5) * 5, 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, 'minute');
  return `${unit(Math.floor(minutes / 60), 'hour')} ${unit(minutes % 60, 'minute')}`;
}

/** The number of recent photos to average over. Fewer are unsteady, more react too slowly. */
const windowSize = 20;

/** Estimates how long the rest of a queue takes, from the mean duration of its most recent items. */
export class RemainingTime {
  readonly #durations: number[] = [];

  /** Adds the duration of one item, in milliseconds. */
  add(duration: number): void {
    this.#durations.push(duration);
    if (this.#durations.length > windowSize) this.#durations.shift();
  }

  /** The estimate for a number of remaining items, in milliseconds. Undefined before two items are done. */
  estimate(items: number): number | undefined {
    const { length } = this.#durations;
    if (length < 2) return undefined;
    return (this.#durations.reduce((sum, duration) => sum + duration, 0) / length) * items;
  }
}

/** Formats a duration, rounded to 5 seconds from 10 seconds on and to minutes from one minute on. */
export function formatDuration(milliseconds: number, language: string): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  const unit = (value: number, name: 'second' | 'minute' | 'hour') =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value);
  if (seconds < 60) return unit(seconds < 10 ? seconds : Math.round(seconds / 5) * 5, 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, 'minute');
  return `${unit(Math.floor(minutes / 60), 'hour')} ${unit(minutes % 60, 'minute')}`;
}

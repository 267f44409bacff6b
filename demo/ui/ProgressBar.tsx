import './progress-bar.css';

interface ProgressBarProps {
  /** The accessible name. */
  label: string;
  /** 0 to 1. Undefined if the progress is indeterminate. */
  value?: number | undefined;
}

/** A progress bar. */
export function ProgressBar({ label, value }: ProgressBarProps) {
  return <progress class="progress-bar" aria-label={label} max={1} value={value} />;
}

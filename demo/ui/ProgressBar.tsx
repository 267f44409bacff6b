import './progress-bar.css';

interface ProgressBarProps {
  /** What goes on, for those who cannot see it. */
  label: string;
  /** 0 to 1; undefined where it cannot be told. */
  value?: number | undefined;
}

/** How far something is. */
export function ProgressBar({ label, value }: ProgressBarProps) {
  return <progress class="progress-bar" aria-label={label} max={1} value={value} />;
}

import { useEffect, useState } from 'preact/hooks';

/** The minimum time to show a frame, in milliseconds. Training is faster than the eye can follow. */
const frameTime = 90;

/**
 * Advances through a growing list of frames, one at a time. With reduced motion it jumps to the last one.
 *
 * @param count the number of frames so far. 0 restarts the playback.
 * @param shown the index of the current frame.
 */
export function usePlayback(count: number, shown: number, setShown: (index: number) => void): void {
  const [played, setPlayed] = useState(0);
  useEffect(() => {
    if (count === 0) setPlayed(0);
    // Do not advance if the user has gone back to an earlier frame.
    if (shown < played || shown >= count - 1) return;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      setPlayed(count - 1);
      setShown(count - 1);
      return;
    }
    const timer = setTimeout(() => {
      setPlayed(shown + 1);
      setShown(shown + 1);
    }, frameTime);
    return () => clearTimeout(timer);
  }, [count, shown]);
}

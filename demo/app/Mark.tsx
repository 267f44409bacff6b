import icon from '../icon.svg';

/** The demo's mark: a face made of strokes. */
export function Mark() {
  return <img src={icon} alt="" width="32" height="32" />;
}

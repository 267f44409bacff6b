import icon from '../icon.svg';

/** The demo's logo: a face drawn in strokes. */
export function Logo() {
  return <img src={icon} alt="" width="32" height="32" />;
}

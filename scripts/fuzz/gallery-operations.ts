import { int, pick, type Random } from './mutate.ts';

/** How the gallery of a sequence is opened. */
export interface Settings {
  /** Whether it keeps a log. */
  log: boolean;
  /** Whether it locks after half an hour. */
  lockAfter: boolean;
  /** Whether some people are enrolled for an hour and a half. */
  expires: boolean;
}

/** A step of a sequence. `tab` is 0 or 1; `person` and `other` are from 0 to 4. */
export interface Operation {
  kind: (typeof kinds)[number] | 'settings';
  tab: 0 | 1;
  person: number;
  other: number;
  /** Numbers the face of a person, the name, the passphrase or the template key that a step uses. */
  variant: number;
  /**
   * Milliseconds after which unlock() or a changing call is aborted, its tab is killed, or an erase beside it begins; undefined:
   * never, and at once for the erase.
   */
  after?: number;
  /** Of the step `settings`. */
  settings?: Settings;
}

/** Frequent steps are listed more than once. */
const kinds = [
  'enrol',
  'enrol',
  'enrol',
  'enrol-stranger',
  'rename',
  'merge',
  'remove',
  'remove-template',
  'identify',
  'both-enrol',
  'lock',
  'unlock',
  'unlock',
  'close',
  'open',
  'open',
  'open-wrong',
  'kill',
  'kill',
  'erase',
  'erase-beside-change',
  'protect',
  'protect',
  'change-passphrase',
  'rekey',
  'reissue',
  'both-change-keys',
  'both-change-keys',
  'export',
  'import',
  'sleep',
  'sleep',
  'fill-disk',
  'fill-disk',
  'free-disk',
] as const;

/** Draws a sequence of steps at random. */
export function drawOperations(random: Random): Operation[] {
  const [log, lockAfter, expires] = [random() < 0.5, random() < 0.5, random() < 0.5];
  const settings: Operation = {
    ...{ kind: 'settings', tab: 0, person: 0, other: 0, variant: 0 },
    settings: { log, lockAfter, expires },
  };
  const steps: Operation[] = Array.from({ length: 4 + int(random, 22) }, () => ({
    kind: pick(random, kinds),
    tab: int(random, 2) as 0 | 1,
    person: int(random, 5),
    other: int(random, 5),
    variant: int(random, 3),
    ...(random() < 0.25 && { after: random() < 0.3 ? 0 : int(random, 40) }),
  }));
  return [settings, ...steps];
}

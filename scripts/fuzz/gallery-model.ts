import type { Settings } from './gallery-operations.ts';

/** A plain model of an enrolled face. */
export interface ModelTemplate {
  id: string;
  person: string;
  /** The number of the person whose face it is. */
  face: number;
  crop: string | undefined;
}

/** A plain model of a gallery: what it must hold after a sequence of steps. */
export interface Model {
  /** The names by id. */
  people: Map<string, string>;
  templates: ModelTemplate[];
  passphrase: string | undefined;
  /** The number of the template key. */
  key: number | undefined;
  settings: Settings;
  /** When the sequence began, in milliseconds since 1970. */
  start: number;
  /** Milliseconds for which the devices have slept since. */
  slept: number;
  /** When people expire, in milliseconds of sleep. */
  expiries: Map<string, number>;
}

/** A gallery without people and keys. */
export function emptyModel(): Model {
  const settings = { log: false, lockAfter: false, expires: false };
  const contents = { people: new Map(), templates: [], expiries: new Map() };
  return { ...contents, passphrase: undefined, key: undefined, settings, start: Date.now(), slept: 0 };
}

/** A copy that further changes do not reach. */
export function copyModel(from: Model): Model {
  const { people, templates, expiries } = from;
  return { ...from, people: new Map(people), templates: [...templates], expiries: new Map(expiries) };
}

/** The model of a gallery after an erase, with the settings and the time of the one before. */
export function erasedModel({ settings, start, slept }: Model): Model {
  return { ...emptyModel(), settings, start, slept };
}

/** Removes the people whose time has passed. */
export function removeExpired(of: Model): void {
  for (const [id, at] of of.expiries) {
    if (at > of.slept) continue;
    of.expiries.delete(id);
    of.people.delete(id);
    of.templates = of.templates.filter((template) => template.person !== id);
  }
}

/** Makes a person expire, unless it expires earlier. */
export function expireBy(of: Model, id: string, at: number | undefined): void {
  if (at !== undefined) of.expiries.set(id, Math.min(at, of.expiries.get(id) ?? at));
}

/** A line for each person, with the name, the ids of the templates, and whether each has a crop; sorted. */
export function describeModel(of: Model): string[] {
  return [...of.people]
    .map(([id, person]) => {
      const own = of.templates.filter((template) => template.person === id);
      return `${person} ${own
        .map(({ id, crop }) => `${id} ${crop !== undefined}`)
        .sort()
        .join(' ')}`;
    })
    .sort();
}

/** The ids of the people who have a template of a face. */
export function ownersOf(of: Model, face: number): Set<string> {
  return new Set(of.templates.filter((template) => template.face === face).map((template) => template.person));
}

/** The id of the person with a number, whatever the name is by now. */
export function idOf(of: Model, person: number): string | undefined {
  return [...of.people].find(([, name]) => name.startsWith(`Person ${person}.`))?.[0];
}

/** The rule of a model whose faces are those of {@link faceOf}. */
export function galleryRule() {
  return {
    model: 'test',
    dimension: 12,
    metric: 'euclidean' as const,
    calibration: {
      logOdds: [27, -63] as [number, number],
      thresholds: [
        { far: 0.1, distance: 0.48 },
        { far: 1e-5, distance: 0.3 },
      ],
    },
  };
}

/** A face of a person: faces of one person are near each other, those of two are not. */
export function faceOf(person: number, variant: number): { embedding: Float32Array; model: string } {
  const numbers = new Float32Array(12);
  numbers[person] = 1;
  numbers[6 + variant] = 0.1;
  const length = Math.hypot(...numbers);
  return { embedding: numbers.map((value) => value / length), model: 'test' };
}

/** The template key with a number. */
export function templateKeyOf(key: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(32).fill(key + 1);
}

/** The keys that open the gallery of a model, as options of Gallery.open. */
export function keysOf(of: Model): { passphrase?: string; templateKey?: Uint8Array<ArrayBuffer> } {
  return {
    ...(of.passphrase !== undefined && { passphrase: of.passphrase }),
    ...(of.key !== undefined && { templateKey: templateKeyOf(of.key) }),
  };
}

/** For definePageFunctions. */
export const galleryModelFunctions = {
  ...{ emptyModel, copyModel, erasedModel, removeExpired, expireBy, describeModel, ownersOf, idOf },
  ...{ galleryRule, faceOf, templateKeyOf, keysOf },
};

import type { FaceNetError } from '../../lib/core/errors.ts';
import type * as GalleryEntry from '../../lib/gallery/index.ts';
import type { Operation } from './gallery-operations.ts';

type Gallery = GalleryEntry.Gallery;

/** What a sequence runs on: two tabs, which can be killed. */
export interface Tabs {
  /** The Gallery class in a tab. */
  galleryOf(tab: 0 | 1): Promise<typeof GalleryEntry.Gallery>;
  /** Ends a tab at once. Undefined where that is not possible. */
  kill?: (tab: 0 | 1) => Promise<void>;
  /** Whether changes and locks in one tab reach the other one by messages. */
  messages: boolean;
}

/**
 * Runs a sequence of steps on a gallery and on a plain model of it, and compares both after every step. It is passed to
 * pages as text, so it uses nothing outside.
 *
 * @returns how many steps had an effect.
 * @throws {Error} if the gallery differs from the model.
 */
export async function runOperations(tabs: Tabs, operations: readonly Operation[]): Promise<number> {
  interface Template {
    id: string;
    person: string;
    /** The number of the person whose face it is. */
    face: number;
    crop: string | undefined;
  }
  interface Model {
    people: Map<string, string>;
    templates: Template[];
    passphrase: string | undefined;
    key: number | undefined;
  }
  interface Tab {
    gallery: Gallery | undefined;
    /** The number of the template key that it was opened with. */
    key: number | undefined;
    locked: boolean;
  }
  const name = 'model';
  const rule = {
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
  const face = (person: number, variant: number) => {
    const numbers = new Float32Array(12);
    numbers[person] = 1;
    numbers[6 + variant] = 0.1;
    const length = Math.hypot(...numbers);
    return { embedding: numbers.map((value) => value / length), model: 'test' };
  };
  const keyOf = (variant: number) => new Uint8Array(32).fill(variant + 1);
  const empty = (): Model => ({ people: new Map(), templates: [], passphrase: undefined, key: undefined });
  const copy = (from: Model): Model => ({ ...from, people: new Map(from.people), templates: [...from.templates] });
  let model = empty();
  let exists = false;
  let backup: { file: Blob; model: Model } | undefined;
  let effects = 0;
  const closed = (): Tab => ({ gallery: undefined, key: undefined, locked: false });
  const state: [Tab, Tab] = [closed(), closed()];
  const history: string[] = [];

  const fail = (what: string): never => {
    throw new Error(`${what} after ${history.join(', ')}`);
  };
  const expectEqual = (actual: unknown, expected: unknown, what: string) => {
    const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (a !== b) fail(`${what}: ${a} instead of ${b}`);
  };
  const codeOf = async (call: Promise<unknown>): Promise<string> => {
    try {
      await call;
      return 'done';
    } catch (error) {
      const { name, code } = error as FaceNetError;
      if (name === 'FaceNetError') return code;
      if (name === 'AbortError') return 'aborted';
      throw error;
    }
  };
  const optionsOf = (of: Model) => ({
    ...(of.passphrase !== undefined && { passphrase: of.passphrase }),
    ...(of.key !== undefined && { templateKey: keyOf(of.key) }),
  });
  const openIn = async (tab: 0 | 1, of: Model) => {
    const opened = await (await tabs.galleryOf(tab)).open({ name, facenet: { rule }, ...optionsOf(of) });
    state[tab] = { gallery: opened, key: of.key, locked: false };
    return opened;
  };
  const described = (of: Model) =>
    [...of.people]
      .map(([id, person]) => {
        const own = of.templates.filter((template) => template.person === id);
        return `${person} ${own
          .map(({ id, crop }) => `${id} ${crop !== undefined}`)
          .sort()
          .join(' ')}`;
      })
      .sort();
  const listed = async (gallery: Gallery) =>
    (await gallery.list())
      .map(
        (person) =>
          `${person.name} ${person.faces
            .map(({ id, hasCrop }) => `${id} ${hasCrop}`)
            .sort()
            .join(' ')}`,
      )
      .sort();
  /** Compares names, templates, crops and the answers to every face. */
  const compareAll = async (gallery: Gallery, of: Model) => {
    expectEqual(await listed(gallery), described(of), 'The people differ');
    for (const { id, crop } of of.templates) {
      if (crop !== undefined) expectEqual(await (await gallery.crop(id))?.text(), crop, 'A crop differs');
    }
    for (let person = 0; person < 5; person++) await compareIdentity(gallery, of, person);
  };
  const ownersOf = (of: Model, person: number) =>
    new Set(of.templates.filter((template) => template.face === person).map((template) => template.person));
  const compareIdentity = async (gallery: Gallery, of: Model, person: number) => {
    const owners = ownersOf(of, person);
    const { match } = await gallery.identify(face(person, 0));
    if (match ? !owners.has(match.person.id) : owners.size > 0)
      fail(`Face ${person} was identified as ${match?.person.id}`);
  };
  /** The error that every call in a tab throws; undefined: none. */
  const refusalIn = (tab: 0 | 1): string | undefined => {
    const { gallery, key, locked } = state[tab];
    if (!gallery) return 'closed';
    if (key !== model.key) return 'key-wrong';
    return locked ? 'gallery-locked' : undefined;
  };
  const waitFor = async (condition: () => boolean, what: string) => {
    for (let i = 0; i < 200; i++) {
      if (condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    fail(what);
  };
  const idOf = (of: Model, person: number): string | undefined =>
    [...of.people].find(([, name]) => name.startsWith(`Person ${person}.`))?.[0];

  /** A change of the gallery and of the model. */
  interface Change {
    call(gallery: Gallery, signal: AbortSignal | undefined): Promise<unknown>;
    apply(of: Model, result: unknown): void;
    /** The code of the error that is expected instead. */
    refused?: string | undefined;
    /** Whether it replaces the data key. */
    replacesKey?: boolean;
  }
  const added = (of: Model, result: unknown, person: number, crop: string | undefined) => {
    const enrolment = result as GalleryEntry.Enrolment;
    if (!enrolment.enrolled) return fail(`Nothing was enrolled: ${JSON.stringify(enrolment.reasons)}`);
    of.people.set(enrolment.person.id, enrolment.person.name);
    of.templates.push({ id: enrolment.face.id, person: enrolment.person.id, face: person, crop });
  };
  const enrolment = ({ person, variant }: Operation, of: Model): Change | undefined => {
    const known = idOf(of, person);
    const owners = ownersOf(of, person);
    // A face like somebody else's, or unlike the person's templates, is refused: enrol-stranger covers that.
    if ([...owners].some((owner) => owner !== known)) return undefined;
    const own = of.templates.filter((template) => template.person === known);
    if (known && own.length > 0 && !owners.has(known)) return undefined;
    const crop = variant === 0 ? `pixels of ${person}` : undefined;
    const enrollee = known ? { id: known } : { name: `Person ${person}.` };
    const options = { ...(crop !== undefined && { crop: new Blob([crop], { type: 'image/png' }) }) };
    return {
      call: (gallery, signal) =>
        gallery.enrol(enrollee, face(person, variant), { ...options, ...(signal && { signal }) }),
      apply: (of, result) => added(of, result, person, crop),
      // A template key beside plain crops protects nothing.
      refused: crop !== undefined && of.key !== undefined && of.passphrase === undefined ? 'option-invalid' : undefined,
    };
  };
  const newKeys = (of: Model, passphrase: string | undefined, key: number | undefined) => {
    of.passphrase = passphrase;
    of.key = key;
  };
  const changeOf = (operation: Operation): Change | undefined => {
    const { kind, person, other, variant } = operation;
    const [first, second] = [idOf(model, person), idOf(model, other)];
    const signalled = (signal: AbortSignal | undefined) => (signal ? { signal } : {});
    if (kind === 'enrol') return enrolment(operation, model);
    if (kind === 'rename' && first) {
      const next = `Person ${person}. ${variant}`;
      return {
        call: (gallery, signal) => gallery.rename(first, next, signalled(signal)),
        apply: (of) => void of.people.set(first, next),
      };
    }
    if (kind === 'merge' && first && second && first !== second) {
      return {
        call: (gallery, signal) => gallery.merge(first, second, signalled(signal)),
        apply: (of) => {
          of.people.delete(second);
          of.templates = of.templates.map((each) => (each.person === second ? { ...each, person: first } : each));
        },
      };
    }
    if (kind === 'remove' && first) {
      return {
        call: (gallery, signal) => gallery.remove(first, undefined, signalled(signal)),
        apply: (of) => {
          of.people.delete(first);
          of.templates = of.templates.filter((each) => each.person !== first);
        },
      };
    }
    const template = model.templates.filter((each) => each.person === first)[variant];
    if (kind === 'remove-template' && first && template) {
      return {
        call: (gallery, signal) => gallery.remove(first, template.id, signalled(signal)),
        apply: (of) => {
          of.templates = of.templates.filter(({ id }) => id !== template.id);
        },
      };
    }
    const passphrase = `passphrase ${variant}`;
    const { key, passphrase: current } = model;
    if (kind === 'protect') {
      return {
        call: (gallery, signal) => gallery.protect(passphrase, signalled(signal)),
        apply: (of) => newKeys(of, passphrase, key),
        refused: current === undefined ? undefined : 'option-invalid',
        replacesKey: true,
      };
    }
    if (kind === 'rekey') {
      return {
        call: (gallery, signal) => gallery.rekey(passphrase, signalled(signal)),
        apply: (of) => newKeys(of, passphrase, key),
        refused: current === undefined ? 'option-invalid' : undefined,
        replacesKey: true,
      };
    }
    if (kind === 'change-passphrase') {
      return {
        call: (gallery, signal) => gallery.changePassphrase(current ?? 'none', passphrase, signalled(signal)),
        apply: (of) => newKeys(of, passphrase, key),
        refused: current === undefined ? 'option-invalid' : undefined,
      };
    }
    if (kind === 'reissue') {
      const hasCrops = model.templates.some(({ crop }) => crop !== undefined);
      return {
        call: (gallery, signal) => gallery.reissue(keyOf(variant), signalled(signal)),
        apply: (of) => newKeys(of, current, variant),
        refused: hasCrops && current === undefined ? 'option-invalid' : undefined,
      };
    }
    if (kind === 'import' && backup) {
      const { file, model: from } = backup;
      return {
        call: (gallery, signal) => gallery.import(file, { passphrase: 'file', ...signalled(signal) }),
        apply: (of) => {
          for (const [id, name] of from.people) if (!of.people.has(id)) of.people.set(id, name);
          const known = new Set(of.templates.map(({ id }) => id));
          of.templates.push(...from.templates.filter(({ id }) => !known.has(id)));
        },
        refused: importRefusal(from),
      };
    }
    return undefined;
  };
  const importRefusal = (from: Model): string | undefined => {
    if (from.key !== model.key) return 'key-wrong';
    const known = new Set(model.templates.map(({ id }) => id));
    const addsCrops = from.templates.some(({ id, crop }) => crop !== undefined && !known.has(id));
    return model.key !== undefined && model.passphrase === undefined && addsCrops ? 'option-invalid' : undefined;
  };

  /** Runs a change, which may be aborted, and applies it to the model if it succeeded. */
  const runChange = async (tab: 0 | 1, change: Change, after: number | undefined) => {
    const gallery = state[tab].gallery as Gallery;
    const refusal = refusalIn(tab) ?? change.refused;
    const controller = new AbortController();
    if (after !== undefined) setTimeout(() => controller.abort(), after);
    let result: unknown;
    const outcome = await codeOf(
      change.call(gallery, after === undefined ? undefined : controller.signal).then((value) => {
        result = value;
      }),
    );
    history.push(outcome);
    if (after !== undefined && outcome === 'aborted') return;
    expectEqual(outcome, refusal ?? 'done', 'The outcome differs');
    if (outcome !== 'done') return;
    change.apply(model, result);
    state[tab].key = model.key;
    // The other tab does not have the new data key.
    if (change.replacesKey) state[(1 - tab) as 0 | 1].locked = true;
    effects++;
  };

  /** Kills a tab during a change, and finds out whether the change was stored. */
  const runKill = async (tab: 0 | 1, operation: Operation) => {
    const gallery = state[tab].gallery;
    const kinds = ['enrol', 'protect', 'rekey', 'reissue', 'change-passphrase', 'merge', 'remove', 'import'] as const;
    const kind = kinds[(operation.person + operation.other + operation.variant) % kinds.length] ?? 'enrol';
    const change = changeOf({ ...operation, kind });
    history.push(kind);
    const before = copy(model);
    const known = new Set(model.templates.map(({ id }) => id));
    const runs = gallery && change && !refusalIn(tab) && !change.refused;
    if (runs) void change.call(gallery, undefined).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, operation.after ?? 5));
    await tabs.kill?.(tab);
    state[tab] = closed();
    if (!runs) return;
    effects++;
    const after = copy(model);
    if (kind !== 'enrol') change.apply(after, undefined);
    await closeIn((1 - tab) as 0 | 1);
    const [reopened, keys] = await openWithEither(tab, [after, before]);
    if (kind === 'enrol') {
      const made = (await reopened.list()).flatMap((person) => person.faces.map((face) => ({ person, face })));
      const stored = made.find(({ face }) => !known.has(face.id));
      if (stored) change.apply(after, { enrolled: true, ...stored });
    }
    const sameKeys = before.passphrase === after.passphrase && before.key === after.key;
    const isAfter = JSON.stringify(await listed(reopened)) === JSON.stringify(described(after));
    model = sameKeys ? (isAfter ? after : before) : keys;
    await compareAll(reopened, model);
  };
  /** Opens the gallery with the keys of the first model that it has. */
  const openWithEither = async (tab: 0 | 1, models: readonly Model[]): Promise<[Gallery, Model]> => {
    const codes: string[] = [];
    for (const each of models) {
      let opened: Gallery | undefined;
      const code = await codeOf(
        openIn(tab, each).then((gallery) => {
          opened = gallery;
        }),
      );
      if (opened) return [opened, each];
      codes.push(code);
    }
    return fail(`The gallery opens with none of the keys: ${codes.join(', ')}`);
  };

  const closeIn = async (tab: 0 | 1) => {
    await state[tab].gallery?.close();
    state[tab] = closed();
  };
  const run = async (operation: Operation) => {
    const { kind, tab, person, other, variant, after } = operation;
    // Most steps need an open gallery.
    if (!state[tab].gallery && !['open', 'open-wrong', 'close'].includes(kind)) {
      await openIn(tab, model);
      exists = true;
    }
    const { gallery } = state[tab];
    if (kind === 'open') {
      if (gallery) return;
      await openIn(tab, model);
      exists = true;
    } else if (kind === 'open-wrong') {
      if (gallery || model.passphrase === undefined) return;
      const options = { ...optionsOf(model), passphrase: 'wrong' };
      expectEqual(await codeOf((await tabs.galleryOf(tab)).open({ name, ...options })), 'key-wrong', 'Opening');
    } else if (kind === 'kill') {
      if (tabs.kill) await runKill(tab, operation);
    } else if (!gallery) return;
    else if (kind === 'close') await closeIn(tab);
    else if (kind === 'lock') {
      expectEqual(await codeOf(gallery.lock()), model.passphrase === undefined ? 'option-invalid' : 'done', 'Locking');
      if (model.passphrase === undefined) return;
      state[tab].locked = true;
      const other = state[(1 - tab) as 0 | 1];
      if (!tabs.messages || !other.gallery) return;
      await waitFor(() => other.gallery?.locked === true, 'The other tab was not locked');
      other.locked = true;
    } else if (kind === 'unlock') {
      const { passphrase } = model;
      const expected =
        passphrase === undefined ? 'option-invalid' : state[tab].key === model.key ? 'done' : 'key-wrong';
      expectEqual(await codeOf(gallery.unlock(passphrase ?? 'none')), expected, 'Unlocking');
      state[tab].locked = false;
    } else if (kind === 'erase') {
      if (!tabs.messages) await closeIn((1 - tab) as 0 | 1);
      if (variant === 0 && tabs.messages) await (await tabs.galleryOf(tab)).erase(name);
      else await gallery.erase();
      for (const each of [0, 1] as const) {
        const open = state[each].gallery;
        if (open) expectEqual(await codeOf(open.list()), 'disposed', 'An erased gallery answered');
        state[each] = closed();
      }
      model = empty();
      exists = false;
    } else if (kind === 'identify') {
      if (!refusalIn(tab)) await compareIdentity(gallery, model, person);
    } else if (kind === 'enrol-stranger') {
      const id = idOf(model, person);
      const own = model.templates.filter((template) => template.person === id);
      if (refusalIn(tab) || !id || own.length === 0 || own.some((template) => template.face === other)) return;
      const result = await gallery.enrol({ id }, face(other, variant));
      const kinds = result.enrolled ? [] : result.reasons.map(({ kind }) => kind);
      if (!kinds.includes('not-this-person')) fail(`A stranger was enrolled: ${kinds.join(', ')}`);
      expectEqual(kinds.includes('other-person'), ownersOf(model, other).size > 0, 'The stranger is another person');
    } else if (kind === 'export') {
      if (refusalIn(tab)) return;
      const file = await gallery.export({ passphrase: 'file' });
      // A Blob of a tab that is killed cannot be read.
      backup = { file: new Blob([file]), model: copy(model) };
    } else if (kind === 'both-enrol') {
      const changes = [enrolment(operation, model), enrolment({ ...operation, person: other }, model)];
      const [one, two] = changes;
      if (!one || !two || person === other || one.refused || two.refused || refusalIn(0) || refusalIn(1)) return;
      const [a, b] = state as [{ gallery: Gallery }, { gallery: Gallery }];
      const results = await Promise.all([one.call(a.gallery, undefined), two.call(b.gallery, undefined)]);
      one.apply(model, results[0]);
      two.apply(model, results[1]);
      effects++;
    } else {
      const change = changeOf(operation);
      if (change) await runChange(tab, change, after);
    }
  };

  for (const operation of operations) {
    history.push(`${operation.kind} in ${operation.tab}`);
    await run(operation);
    for (const tab of [0, 1] as const) {
      const { gallery } = state[tab];
      if (!gallery) continue;
      const code = await codeOf(gallery.list());
      expectEqual(code, refusalIn(tab) ?? 'done', `list() in ${tab}`);
      if (code === 'done') expectEqual(await listed(gallery), described(model), `The people in ${tab} differ`);
    }
  }
  for (const tab of [0, 1] as const) await closeIn(tab);
  if (exists) {
    const last = await openIn(0, model);
    await compareAll(last, model);
    await last.erase();
  }
  return effects;
}

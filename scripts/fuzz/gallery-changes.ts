import type { Enrolment, Gallery } from '../../lib/gallery/index.ts';
import { expireBy, faceOf, idOf, type Model, ownersOf, templateKeyOf } from './gallery-model.ts';
import type { Operation } from './gallery-operations.ts';

/** A change of the gallery and of the model. */
export interface ModelChange {
  call(gallery: Gallery, signal: AbortSignal | undefined): Promise<unknown>;
  /** Changes the model, once the call has given a result. */
  apply(of: Model, result: unknown): void;
  /** The code of the error that is expected instead. */
  refused?: string | undefined;
  /** Whether it replaces the data key. */
  replacesKey?: boolean;
}

/** An exported file, and the model at that time. */
export interface ModelBackup {
  file: Blob;
  model: Model;
}

/** The change that a step makes. Undefined if it makes none: for other kinds of steps, and for people who do not exist. */
export function changeOf(operation: Operation, model: Model, backup: ModelBackup | undefined): ModelChange | undefined {
  if (operation.kind === 'enrol') return enrolmentOf(operation, model);
  return personChangeOf(operation, model) ?? keyChangeOf(operation, model) ?? importOf(operation, model, backup);
}

/** An enrolment that is not refused because of the face. */
export function enrolmentOf({ person, variant }: Operation, model: Model): ModelChange | undefined {
  const known = idOf(model, person);
  const owners = ownersOf(model, person);
  // A face like somebody else's, or unlike the person's templates, is refused: enrol-stranger covers that.
  if ([...owners].some((owner) => owner !== known)) return undefined;
  const own = model.templates.filter((template) => template.person === known);
  if (known && own.length > 0 && !owners.has(known)) return undefined;
  const crop = variant === 0 ? `pixels of ${person}` : undefined;
  const enrollee = known ? { id: known } : { name: `Person ${person}.` };
  const hour = 60 * 60 * 1000;
  const expiry = model.settings.expires && !known && variant === 2 ? model.slept + 1.5 * hour : undefined;
  const options = {
    ...(crop !== undefined && { crop: new Blob([crop], { type: 'image/png' }) }),
    ...(expiry !== undefined && { expiresAt: new Date(model.start + expiry) }),
  };
  return {
    call: (gallery, signal) =>
      gallery.enrol(enrollee, faceOf(person, variant), { ...options, ...(signal && { signal }) }),
    apply(of, result) {
      const enrolment = result as Enrolment;
      if (!enrolment.enrolled) throw new Error(`Nothing was enrolled: ${JSON.stringify(enrolment.reasons)}`);
      of.people.set(enrolment.person.id, enrolment.person.name);
      expireBy(of, enrolment.person.id, expiry);
      of.templates.push({ id: enrolment.face.id, person: enrolment.person.id, face: person, crop });
    },
    // A template key beside plain crops protects nothing.
    refused:
      crop !== undefined && model.key !== undefined && model.passphrase === undefined ? 'option-invalid' : undefined,
  };
}

/** A change of people who are enrolled. */
export function personChangeOf({ kind, person, other, variant }: Operation, model: Model): ModelChange | undefined {
  const [first, second] = [idOf(model, person), idOf(model, other)];
  if (!first) return undefined;
  if (kind === 'rename') {
    const next = `Person ${person}. ${variant}`;
    return {
      call: (gallery, signal) => gallery.rename(first, next, signal ? { signal } : {}),
      apply: (of) => void of.people.set(first, next),
    };
  }
  if (kind === 'merge' && second && first !== second) {
    return {
      call: (gallery, signal) => gallery.merge(first, second, signal ? { signal } : {}),
      apply: (of) => {
        of.people.delete(second);
        expireBy(of, first, of.expiries.get(second));
        of.expiries.delete(second);
        of.templates = of.templates.map((each) => (each.person === second ? { ...each, person: first } : each));
      },
    };
  }
  if (kind === 'remove') {
    return {
      call: (gallery, signal) => gallery.remove(first, undefined, signal ? { signal } : {}),
      apply: (of) => {
        of.people.delete(first);
        of.expiries.delete(first);
        of.templates = of.templates.filter((each) => each.person !== first);
      },
    };
  }
  const template = model.templates.filter((each) => each.person === first)[variant];
  if (kind !== 'remove-template' || !template) return undefined;
  return {
    call: (gallery, signal) => gallery.remove(first, template.id, signal ? { signal } : {}),
    apply: (of) => {
      of.templates = of.templates.filter(({ id }) => id !== template.id);
    },
  };
}

/** A change of the passphrase, of the data key or of the template key. */
export function keyChangeOf({ kind, variant }: Operation, model: Model): ModelChange | undefined {
  const passphrase = `passphrase ${variant}`;
  const { passphrase: current } = model;
  const apply = (of: Model) => {
    of.passphrase = passphrase;
  };
  if (kind === 'protect') {
    return {
      call: (gallery, signal) => gallery.protect(passphrase, signal ? { signal } : {}),
      apply,
      refused: current === undefined ? undefined : 'option-invalid',
      replacesKey: true,
    };
  }
  const refused = current === undefined ? 'option-invalid' : undefined;
  if (kind === 'rekey') {
    const call: ModelChange['call'] = (gallery, signal) => gallery.rekey(passphrase, signal ? { signal } : {});
    return { call, apply, refused, replacesKey: true };
  }
  if (kind === 'change-passphrase') {
    const call: ModelChange['call'] = (gallery, signal) =>
      gallery.changePassphrase(current ?? 'none', passphrase, signal ? { signal } : {});
    return { call, apply, refused };
  }
  if (kind !== 'reissue') return undefined;
  return {
    call: (gallery, signal) => gallery.reissue(templateKeyOf(variant), signal ? { signal } : {}),
    apply: (of) => {
      of.key = variant;
    },
    refused: model.templates.some(({ crop }) => crop !== undefined) ? refused : undefined,
  };
}

/** The import of the last export. */
export function importOf({ kind }: Operation, model: Model, backup: ModelBackup | undefined): ModelChange | undefined {
  if (kind !== 'import' || !backup) return undefined;
  const { file, model: from } = backup;
  return {
    call: (gallery, signal) => gallery.import(file, { passphrase: 'file', ...(signal && { signal }) }),
    apply: (of) => {
      for (const [id, name] of from.people) {
        if (of.people.has(id)) continue;
        of.people.set(id, name);
        expireBy(of, id, from.expiries.get(id));
      }
      const known = new Set(of.templates.map(({ id }) => id));
      of.templates.push(...from.templates.filter(({ id }) => !known.has(id)));
    },
    refused: importRefusal(from, model),
  };
}

/** The code of the error with which the import of an export is refused. */
export function importRefusal(from: Model, model: Model): string | undefined {
  if (from.key !== model.key) return 'key-wrong';
  const known = new Set(model.templates.map(({ id }) => id));
  const addsCrops = from.templates.some(({ id, crop }) => crop !== undefined && !known.has(id));
  return model.key !== undefined && model.passphrase === undefined && addsCrops ? 'option-invalid' : undefined;
}

/** For definePageFunctions. */
export const galleryChangeFunctions = {
  ...{ changeOf, enrolmentOf, personChangeOf, keyChangeOf, importOf, importRefusal },
};

import { embeddingOf, type LabelledEmbedding } from '../comparison/compare.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Contents } from './contents.ts';
import { createVault } from './crypto/vault.ts';
import { type EnrolmentLimits, enrolmentIssues, meantFace } from './enrolment.ts';
import type { Loaded, Plan } from './keeper.ts';
import type { StoredPerson, StoredTemplate } from './records.ts';
import type { TemplateKey } from './rotation.ts';
import type { Transfer } from './transfer.ts';
import type { CropEmbedder, Enrolment, GalleryFace, Metadata } from './types.ts';

/** Reads the kept crop of a template. */
export type CropReader = (template: string, loaded: Loaded) => Promise<Blob>;

/** A template of the face that is meant for somebody new or known, unless something speaks against it. */
export async function planEnrolment(
  loaded: Loaded,
  key: TemplateKey | undefined,
  given: {
    who: { id: string } | { name: string; metadata: Metadata };
    list: readonly GalleryFace[];
    limits: EnrolmentLimits;
    crop: Blob | undefined;
  },
): Promise<Plan<Enrolment>> {
  const { contents, rule } = loaded;
  const { who, list, limits, crop } = given;
  const own = 'id' in who ? requirePerson(contents, who.id) : undefined;
  const face = meantFace(list);
  const embedding = face && (await probeOf(face, loaded, key));
  const issues = await enrolmentIssues(contents, rule, list, embedding, own?.id, limits);
  const reasons = issues.filter(({ kind }) => !limits.allow.has(kind));
  if (!face || !embedding || reasons.length > 0) return { result: () => ({ enrolled: false, reasons }) };
  const addedAt = new Date();
  const person = own ?? {
    ...(who as { name: string; metadata: Metadata }),
    id: crypto.randomUUID(),
    createdAt: addedAt,
  };
  const template = {
    id: crypto.randomUUID(),
    person: person.id,
    embedding,
    quality: face.quality?.overall,
    model: rule.model,
    addedAt,
  };
  return {
    change: {
      people: own ? [] : [person],
      templates: [template],
      crops: crop ? [{ id: template.id, crop }] : [],
    },
    result: ({ contents }) => ({
      enrolled: true,
      person: contents.describe(person),
      template: contents.info(template),
      warnings: issues,
    }),
  };
}

/** All templates that another model made, made anew of their crops; what has none stays, or goes where that is asked for. */
export async function planReembedding(
  loaded: Loaded,
  key: TemplateKey | undefined,
  { facenet, removeRest, cropOf }: { facenet: CropEmbedder; removeRest: boolean; cropOf: CropReader },
  signal: AbortSignal | undefined,
): Promise<Plan<{ embedded: number; withoutCrop: { person: string; template: string }[] }>> {
  const { contents } = loaded;
  const { rule } = facenet;
  const templates: StoredTemplate[] = [];
  const rest: StoredTemplate[] = [];
  for (const template of contents.templates.values()) {
    if (template.model === rule.model) continue;
    if (!contents.crops.has(template.id)) {
      rest.push(template);
      continue;
    }
    const made = await facenet.embedCrop(await cropOf(template.id, loaded), { signal });
    templates.push({ ...template, model: made.model, embedding: await rotated(embeddingOf(made, rule), key) });
  }
  return {
    change: { templates, removeTemplates: removeRest ? rest.map(({ id }) => id) : [] },
    meta: { rule },
    result: () => ({
      embedded: templates.length,
      withoutCrop: rest.map(({ person, id }) => ({ person, template: id })),
    }),
  };
}

/** Everything sealed by a new passphrase. */
export async function planProtection(
  loaded: Loaded,
  passphrase: string,
  cropOf: CropReader,
  signal: AbortSignal | undefined,
): Promise<Plan<void>> {
  if (loaded.meta.vault) {
    throw new FaceNetError('option-invalid', 'The gallery has a passphrase already: use changePassphrase().');
  }
  const { header, cipher } = await createVault(passphrase);
  const { people, templates } = loaded.contents;
  const crops = await keptCrops(loaded, cropOf, signal);
  return {
    change: { people: [...people.values()], templates: [...templates.values()], crops },
    meta: { vault: header },
    cipher,
    result: () => undefined,
  };
}

/** All embeddings rotated by another key, or by a first one. */
export async function planReissue(
  { contents }: Loaded,
  before: TemplateKey | undefined,
  next: TemplateKey,
): Promise<Omit<Plan<void>, 'result'>> {
  const templates = await Promise.all(
    [...contents.templates.values()].map(async (template) => {
      const plain = await unrotated(template.embedding, before);
      return { ...template, embedding: await rotated(plain, next) };
    }),
  );
  return { change: { templates }, meta: { rotation: next.check } };
}

/** What an export holds and the gallery does not, known by its ids. */
export function planImport(
  { contents, rule }: Loaded,
  key: TemplateKey | undefined,
  { rotation, ...transfer }: Transfer,
): Plan<{ people: number; templates: number }> {
  if (rotation ? !key?.matches(rotation) : key) {
    throw new FaceNetError(
      'key-wrong',
      'The export and the gallery have not one template key: import it into a gallery that was opened with its key.',
    );
  }
  const foreign = transfer.templates.find(
    ({ model, embedding }) => model !== rule.model || embedding.length !== rule.dimension,
  );
  if (foreign) {
    throw new FaceNetError(
      'model-mismatch',
      `The export holds templates of "${foreign.model}", the gallery those of "${rule.model}": import it into a gallery of its own model, then call reembed().`,
    );
  }
  const people = transfer.people.filter(({ id }) => !contents.people.has(id));
  const templates = transfer.templates.filter(({ id }) => !contents.templates.has(id));
  const added = new Set(templates.map(({ id }) => id));
  return {
    change: { people, templates, crops: transfer.crops.filter(({ id }) => added.has(id)) },
    result: () => ({ people: people.length, templates: templates.length }),
  };
}

/** A face as it is compared with the templates; refused while there are templates that it cannot be compared with. */
export async function probeOf(
  face: LabelledEmbedding | Float32Array,
  { contents, rule }: Loaded,
  key: TemplateKey | undefined,
): Promise<Float32Array> {
  const embedding = embeddingOf(face, rule);
  const outdated = contents.outdated();
  if (outdated.length > 0) {
    throw new FaceNetError(
      'model-mismatch',
      `${outdated.length} of ${contents.templates.size} templates were made by "${outdated[0]?.model}", not by "${rule.model}": call reembed(facenet), with { removeRest: true } for those without crops.`,
    );
  }
  return rotated(embedding, key);
}

async function rotated(embedding: Float32Array, key: TemplateKey | undefined): Promise<Float32Array> {
  return key ? (await key.rotation(embedding.length)).apply(embedding) : new Float32Array(embedding);
}

/** An embedding as it was before a template key rotated it. */
export async function unrotated(embedding: Float32Array, key: TemplateKey | undefined): Promise<Float32Array> {
  return key ? (await key.rotation(embedding.length)).undo(embedding) : new Float32Array(embedding);
}

/** Every crop that the gallery keeps. */
export async function keptCrops(
  loaded: Loaded,
  cropOf: CropReader,
  signal: AbortSignal | undefined,
): Promise<{ id: string; crop: Blob }[]> {
  const crops: { id: string; crop: Blob }[] = [];
  for (const id of loaded.contents.crops) {
    signal?.throwIfAborted();
    crops.push({ id, crop: await cropOf(id, loaded) });
  }
  return crops;
}

/** @throws {FaceNetError} `person-unknown` */
export function requirePerson(contents: Contents, id: string): StoredPerson {
  const person = contents.people.get(id);
  if (person) return person;
  throw new FaceNetError('person-unknown', 'The gallery has nobody of this id: take one of list().');
}

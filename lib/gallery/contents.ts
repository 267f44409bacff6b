import type { ComparisonRule } from '../comparison/compare.ts';
import { isComparable } from './dimensions.ts';
import { countModels } from './model-counts.ts';
import type { StoredCrop, StoredPerson, StoredTemplate } from './records.ts';
import { ExactIndex } from './search/exact.ts';
import { QuantisedIndex } from './search/quantised.ts';
import type { EnrolledFace, ModelCounts, Person } from './types.ts';

/** An unencrypted change to a gallery's contents. */
export interface PlainChange {
  people?: StoredPerson[];
  templates?: StoredTemplate[];
  /** Crops to store, by their template's id. */
  crops?: { id: string; crop: StoredCrop }[];
  removePeople?: string[];
  removeTemplates?: string[];
}

/** The number of templates from which a {@link QuantisedIndex} is used; measured in docs/search.md. */
const minQuantised = 50_000;

/** A gallery's decrypted contents in memory, with a search index. */
export class Contents {
  readonly people = new Map<string, StoredPerson>();
  readonly templates = new Map<string, StoredTemplate>();
  /** The ids of the templates that have a crop. */
  readonly crops = new Set<string>();
  /** Indexes the templates of the rule's model. */
  readonly index: ExactIndex | QuantisedIndex;
  readonly #rule: ComparisonRule;

  /** @param expected the approximate number of templates, which decides the kind of index. */
  constructor(rule: ComparisonRule, expected: number) {
    this.#rule = rule;
    const { dimension, metric } = rule;
    // Both indexes are exact and return identical results.
    const quantised = metric === 'euclidean' && expected >= minQuantised;
    this.index = quantised ? new QuantisedIndex(dimension) : new ExactIndex(dimension, metric);
  }

  /** Applies a change: removals first, then additions. */
  async apply(change: PlainChange): Promise<void> {
    const { people = [], templates = [], crops = [], removePeople = [], removeTemplates = [] } = change;
    for (const id of removePeople) this.people.delete(id);
    for (const id of removeTemplates) {
      this.templates.delete(id);
      this.crops.delete(id);
    }
    if (removeTemplates.length > 0) await this.index.remove(removeTemplates);
    for (const person of people) this.people.set(person.id, person);
    for (const template of templates) this.templates.set(template.id, template);
    for (const { id } of crops) this.crops.add(id);
    await this.index.add(templates.filter((template) => isComparable(template, this.#rule)));
  }

  /** A copy after a change, indexed for a rule. */
  async changed(change: PlainChange, rule: ComparisonRule): Promise<Contents> {
    const copy = new Contents(rule, this.templates.size);
    const replaced = new Set(change.templates?.map(({ id }) => id));
    const templates = [...this.templates.values()].filter(({ id }) => !replaced.has(id));
    for (const id of this.crops) copy.crops.add(id);
    await copy.apply({ people: [...this.people.values()], templates });
    await copy.apply(change);
    return copy;
  }

  /** Whether all templates are of the rule's model. */
  get searchable(): boolean {
    return this.index.size === this.templates.size;
  }

  /** The numbers of templates of each model. */
  models(): ModelCounts[] {
    return countModels([...this.templates.values()], this.crops, this.#rule);
  }

  /** A person's templates, in the order in which they were added. */
  templatesOf(person: string): StoredTemplate[] {
    return [...this.templates.values()]
      .filter((template) => template.person === person)
      .sort((a, b) => a.addedAt.getTime() - b.addedAt.getTime());
  }

  /** The public view of all people, in the order of their enrolment. */
  list(): Person[] {
    const templates = new Map<string, StoredTemplate[]>();
    for (const template of this.templates.values()) {
      const known = templates.get(template.person);
      if (known) known.push(template);
      else templates.set(template.person, [template]);
    }
    return [...this.people.values()]
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
      .map((person) => this.#describe(person, templates.get(person.id) ?? []));
  }

  /** The public view of a person. */
  describe(person: StoredPerson): Person {
    return this.#describe(person, this.templatesOf(person.id));
  }

  /** The public view of an enrolled face. */
  info({ id, quality, model, addedAt }: StoredTemplate): EnrolledFace {
    return { id, quality, model, addedAt: new Date(addedAt), hasCrop: this.crops.has(id) };
  }

  #describe(person: StoredPerson, templates: StoredTemplate[]): Person {
    const { id, name, metadata, createdAt, consent, expiresAt, lastSeenAt } = person;
    return {
      id,
      name,
      // A copy, so that changes by the caller do not alter the gallery in memory.
      metadata: structuredClone(metadata),
      createdAt: new Date(createdAt),
      ...structuredClone({ consent, expiresAt, lastSeenAt }),
      faces: templates.sort((a, b) => a.addedAt.getTime() - b.addedAt.getTime()).map((each) => this.info(each)),
    };
  }
}

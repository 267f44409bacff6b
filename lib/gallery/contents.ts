import type { ComparisonRule } from '../comparison/compare.ts';
import type { StoredPerson, StoredTemplate } from './records.ts';
import { ExactIndex } from './search/exact.ts';
import { QuantisedIndex } from './search/quantised.ts';
import type { Person, TemplateInfo } from './types.ts';

/** A change to a gallery's contents, in plain. */
export interface PlainChange {
  people?: StoredPerson[];
  templates?: StoredTemplate[];
  /** Crops to keep, by their template's id. */
  crops?: { id: string; crop: Blob }[];
  removePeople?: string[];
  removeTemplates?: string[];
}

/** From how many templates on int8 copies are worth their memory: docs/search.md has the figures. */
const worthQuantising = 50_000;

/** What a gallery holds, in plain and in memory, ready to be searched. */
export class Contents {
  readonly people = new Map<string, StoredPerson>();
  readonly templates = new Map<string, StoredTemplate>();
  readonly crops = new Set<string>();
  /** The templates of the rule's model. */
  readonly index: ExactIndex | QuantisedIndex;
  readonly #model: string;

  /** @param expected how many templates there will be, about. */
  constructor({ model, dimension, metric }: ComparisonRule, expected: number) {
    this.#model = model;
    // Both answer the same to the last bit.
    const quantised = metric === 'euclidean' && expected >= worthQuantising;
    this.index = quantised ? new QuantisedIndex(dimension) : new ExactIndex(dimension, metric);
  }

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
    await this.index.add(templates.filter(({ model }) => model === this.#model));
  }

  /** The templates that another model made. */
  outdated(): StoredTemplate[] {
    if (this.index.size === this.templates.size) return [];
    return [...this.templates.values()].filter(({ model }) => model !== this.#model);
  }

  templatesOf(person: string): StoredTemplate[] {
    return [...this.templates.values()]
      .filter((template) => template.person === person)
      .sort((a, b) => a.addedAt.getTime() - b.addedAt.getTime());
  }

  /** Everybody as callers see them, in the order in which they came. */
  list(): Person[] {
    const templates = new Map<string, StoredTemplate[]>();
    for (const template of this.templates.values()) {
      const others = templates.get(template.person);
      if (others) others.push(template);
      else templates.set(template.person, [template]);
    }
    return [...this.people.values()]
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
      .map((person) => this.#describe(person, templates.get(person.id) ?? []));
  }

  /** One person as callers see them. */
  describe(person: StoredPerson): Person {
    return this.#describe(person, this.templatesOf(person.id));
  }

  /** One template as callers see it. */
  info({ id, quality, model, addedAt }: StoredTemplate): TemplateInfo {
    return { id, quality, model, addedAt: new Date(addedAt), hasCrop: this.crops.has(id) };
  }

  #describe({ id, name, metadata, createdAt }: StoredPerson, templates: StoredTemplate[]): Person {
    return {
      id,
      name,
      // A copy: what a caller does to it must not change the gallery in memory alone.
      metadata: structuredClone(metadata),
      createdAt: new Date(createdAt),
      templates: templates.sort((a, b) => a.addedAt.getTime() - b.addedAt.getTime()).map((each) => this.info(each)),
    };
  }
}

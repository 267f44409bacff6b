/** The cohort of each person or photo, by the name of the person's folder or the path FOLDER/FILE of the photo. */
export type Cohorts = ReadonlyMap<string, string>;

/**
 * Parses a cohorts file: CSV with two columns, or a JSON object. The first column, or the key, is a person's folder
 * (`Ada_King`) or a photo (`Ada_King/1.jpg`), the second, or the value, is the name of the cohort. A first line
 * `person,cohort`, empty lines and lines that begin with `#` are ignored. Names with a comma stand in double quotes.
 *
 * @param text the contents of the file.
 * @throws {SyntaxError} with the line number, for malformed text.
 *
 * @example
 * const cohorts = parseCohorts('Ada_King,glasses\nBob_Ross,none');
 * show(cohortOf(cohorts, 'Ada_King', 'Ada_King/1.jpg')); // 'glasses'
 */
export function parseCohorts(text: string): Cohorts {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  return trimmed.startsWith('{') ? fromJson(trimmed) : fromCsv(trimmed);
}

/**
 * The cohort of a photo: its own, or else that of its person.
 *
 * @param cohorts from {@link parseCohorts}.
 * @param person the name of the person's folder.
 * @param file the name of the photo in that folder.
 * @returns the name of the cohort; undefined if neither has one.
 */
export function cohortOf(cohorts: Cohorts, person: string, file: string): string | undefined {
  return cohorts.get(`${person}/${file}`) ?? cohorts.get(person);
}

/**
 * The entries of a cohorts file that match no photo, for example because a name is misspelt.
 *
 * @param cohorts from {@link parseCohorts}.
 * @param photos the names of all photos and of their people's folders.
 * @returns the names of people and photos in the file, in its order.
 *
 * @example
 * const cohorts = parseCohorts('Ada,glasses\nBbo,none');
 * show(unmatchedCohorts(cohorts, [{ person: 'Ada', file: '1.jpg' }, { person: 'Bob', file: '1.jpg' }])); // ['Bbo']
 */
export function unmatchedCohorts(cohorts: Cohorts, photos: Iterable<{ person: string; file: string }>): string[] {
  const names = new Set<string>();
  for (const { person, file } of photos) names.add(person).add(`${person}/${file}`);
  return [...cohorts.keys()].filter((name) => !names.has(name));
}

function fromJson(text: string): Cohorts {
  const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
  const wrong = entries.find(([, cohort]) => typeof cohort !== 'string' || cohort.trim() === '');
  if (wrong) throw new SyntaxError(`The cohort of "${wrong[0]}" is not a name: use a non-empty string.`);
  return new Map(entries as [string, string][]);
}

function fromCsv(text: string): Cohorts {
  const cohorts = new Map<string, string>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const fields = [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(?=,|$)/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? (plain as string).trim(),
    );
    const [name, cohort] = fields;
    if (fields.length !== 2 || !name || !cohort) {
      throw new SyntaxError(`Line ${i + 1} of the cohorts is "${line}": it must be "person,cohort".`);
    }
    if (i === 0 && cohort.toLowerCase() === 'cohort') continue;
    const known = cohorts.get(name);
    if (known !== undefined && known !== cohort) {
      throw new SyntaxError(`Line ${i + 1} of the cohorts gives "${name}" a second cohort: keep one of them.`);
    }
    cohorts.set(name, cohort);
  }
  return cohorts;
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded, shuffled } from '../../../lib/core/random.ts';
import { bCubedScore } from '../../../lib/evaluation/clustering.ts';
import { FaceColumns, flag } from '../../../lib/library/people/columns.ts';
import { moveFaces, namePerson, refuseFace } from '../../../lib/library/people/corrections.ts';
import { Edit } from '../../../lib/library/people/edit.ts';
import { placeFaces, regroupFaces } from '../../../lib/library/people/grouping.ts';
import { PeopleState } from '../../../lib/library/people/state.ts';
import { undoEdit } from '../../../lib/library/people/undo.ts';
import { FaceGraph } from '../../../lib/neighbours/face-graph.ts';
import { InventedPeople, rule } from './embeddings.ts';
import { type CorrectionKind, correctionKind, denialsHold, planCorrection } from './random-corrections.ts';

/** A face to add: its photo, and its embedding. */
interface TestFace {
  photo: number;
  embedding: Float32Array;
}

const grouping = { within: 0.5, withinPhoto: 0.02 };

/** A library's people without its storage. */
class TestLibrary {
  readonly state = new PeopleState(new FaceColumns(), [], [], 1);
  readonly graph = new FaceGraph(rule.dimension, 'cosine', 0.8);

  async add(faces: readonly TestFace[]): Promise<number[]> {
    const numbers = faces.map(({ photo, embedding }) => {
      this.graph.add(embedding);
      // The order of photos by their ids: a hash in a library.
      return this.state.columns.append({
        photo,
        time: 0,
        order: Math.imul(photo + 1, 0x9e3779b1) >>> 0,
        person: 0,
        flags: 0,
      });
    });
    await placeFaces(new Edit(this.state), this.graph, numbers, grouping);
    return numbers;
  }

  regroup(): Promise<void> {
    return regroupFaces(new Edit(this.state), this.graph, grouping);
  }

  personOf(face: number): number {
    return this.state.columns.person[face] as number;
  }

  dump() {
    const { columns, people, constraints } = this.state;
    return {
      person: [...columns.person.subarray(0, columns.size)],
      flags: [...columns.flags.subarray(0, columns.size)],
      people: new Map(people),
      constraints: new Map(constraints),
    };
  }
}

/** Photos of one to three of eight people. */
function photosOf(seed: number, count: number, spread = 0.6): TestFace[][] {
  const people = new InventedPeople(seed, 8);
  const random = seeded(seed + 1);
  return Array.from({ length: count }, (_, photo) => {
    const shown = shuffled([0, 1, 2, 3, 4, 5, 6, 7], random).slice(0, 1 + Math.floor(random() * 3));
    return shown.map((person) => ({ photo, embedding: people.embedding(person, spread) }));
  });
}

/** The groups as sets of places in the list of all faces. */
function partition(labels: readonly number[]): string[] {
  const groups = new Map<number, number[]>();
  labels.forEach((label, i) => {
    groups.set(label, [...(groups.get(label) ?? []), i]);
  });
  return [...groups.values()].map((members) => members.join(' ')).sort();
}

/** Makes a correction that a user could make; some are refused. */
function correct(library: TestLibrary, [kind, x, y]: [CorrectionKind, number, number]): Edit {
  const edit = new Edit(library.state);
  const { size } = library.state.columns;
  const expectDenialsHold = denialsHold(library.state, kind, x % size);
  planCorrection(edit, kind, [x % size, y % size]);
  expectDenialsHold();
  return edit;
}

const corrections = fc.array(fc.tuple(correctionKind, fc.nat(1000), fc.nat(1000)), { maxLength: 12 });

describe('people', () => {
  test('faces of one person are grouped, and faces of a photo are not', async () => {
    const library = new TestLibrary();
    const people = new InventedPeople(1, 2);
    const numbers = await library.add([
      { photo: 1, embedding: people.embedding(0) },
      { photo: 1, embedding: people.embedding(0) },
      { photo: 2, embedding: people.embedding(1) },
      { photo: 3, embedding: people.embedding(1) },
    ]);
    const [a, b, c, d] = numbers.map((face) => library.personOf(face));
    expect(a).not.toBe(b);
    expect(c).toBe(d);
  });

  test('the order of arrival does not change the groups, also with corrections in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), fc.nat(10_000), corrections, async (seed, order, list) => {
        // With this spread many faces of different people are within the distance that links them.
        const photos = photosOf(seed, 20, 1.2);
        const [early, late] = [photos.slice(0, 12), photos.slice(12)];
        const known = early.flat();
        const random = seeded(order);
        const groups = [];
        for (const arrival of [early.concat(late), shuffled(early, random).concat(shuffled(late, random))]) {
          const library = new TestLibrary();
          const added = arrival.flat();
          const numberOf = (face: TestFace) => added.indexOf(face);
          for (const photo of arrival.slice(0, early.length)) await library.add(photo);
          // The corrections are about the same groups.
          await library.regroup();
          for (const [kind, ...faces] of list) {
            const [x, y] = faces.map((face) => numberOf(known[face % known.length] as TestFace)) as [number, number];
            correct(library, [kind, x, y]);
          }
          for (const photo of arrival.slice(early.length)) await library.add(photo);
          await library.regroup();
          groups.push(partition(photos.flat().map((face) => library.personOf(numberOf(face)))));
        }
        expect(groups[1]).toEqual(groups[0]);
      }),
      { numRuns: 20 },
    );
  });

  test('the order of arrival changes few groups beyond the size of the exact neighbour search', {
    timeout: 60_000,
  }, async () => {
    const people = new InventedPeople(7, 400);
    const faces = Array.from({ length: 1200 }, (_, photo) => ({
      photo,
      embedding: people.embedding(photo % 400, 0.6),
    }));
    const labels = [];
    for (const arrival of [faces, shuffled(faces, seeded(3))]) {
      const library = new TestLibrary();
      for (let start = 0; start < arrival.length; start += 25) await library.add(arrival.slice(start, start + 25));
      await library.regroup();
      const numberOf = new Map(arrival.map((face, number) => [face, number]));
      labels.push(faces.map((face) => library.personOf(numberOf.get(face) as number)));
    }
    const [one, other] = labels as [number[], number[]];
    expect(bCubedScore(one, other.map(String)).f).toBeGreaterThan(0.995);
  });

  test('faces that join without a grouping of all change few groups, up to a twentieth of the faces', {
    timeout: 120_000,
  }, async () => {
    const people = new InventedPeople(9, 500);
    const count = 2400;
    const photos = Array.from({ length: count }, (_, photo) => ({
      photo,
      embedding: people.embedding(photo % 500, 0.6),
    }));
    const library = new TestLibrary();
    const start = count - count / 20;
    await library.add(photos.slice(0, start));
    await library.regroup();
    for (let i = start; i < count; i += 25) await library.add(photos.slice(i, i + 25));
    const joined = photos.map((_, face) => library.personOf(face));
    expect(joined).not.toContain(0);
    await library.regroup();
    const grouped = photos.map((_, face) => library.personOf(face));
    expect(bCubedScore(joined, grouped.map(String)).f).toBeGreaterThan(0.995);
  });

  describe('more near-copies of a photo than a list of neighbours has room for', () => {
    /** Embeddings of several photos of a person, each with copies that differ a little. */
    function copiesOf(people: InventedPeople, noise: InventedPeople, person: number, spread: number): Float32Array[][] {
      const originals = Array.from({ length: 4 }, () => people.embedding(person, spread));
      const changed = (vector: Float32Array) => {
        const other = noise.embedding(0, 30);
        const sum = vector.map((value, i) => value + 0.15 * (other[i] as number));
        const length = Math.hypot(...sum);
        return sum.map((value) => value / length);
      };
      return originals.map((original) => Array.from({ length: 40 }, () => changed(original)));
    }

    test('do not split a person', { timeout: 60_000 }, async () => {
      const [people, noise] = [new InventedPeople(11, 3), new InventedPeople(12, 1)];
      const library = new TestLibrary();
      const faces = [0, 1, 2].flatMap((person) =>
        copiesOf(people, noise, person, 0.7)
          .flat()
          .map((embedding) => ({ person, embedding })),
      );
      await library.add(faces.map(({ embedding }, photo) => ({ photo, embedding })));
      await library.regroup();
      const found = faces.map((_, face) => library.personOf(face));
      expect(new Set(found).size).toBe(3);
      expect(
        bCubedScore(
          found,
          faces.map(({ person }) => String(person)),
        ).f,
      ).toBe(1);
    });

    test('do not join people who are in one photo', { timeout: 60_000 }, async () => {
      const [people, noise] = [new InventedPeople(13, 1), new InventedPeople(14, 1)];
      const library = new TestLibrary();
      const [ada, bob] = [0, 0].map((person) => copiesOf(people, noise, person, 0.7).flat());
      for (let photo = 0; photo < 160; photo++) {
        const both = [ada, bob].map((faces) => ({ photo, embedding: faces?.[photo] as Float32Array }));
        await library.add(both);
      }
      await library.regroup();
      for (let face = 0; face < 320; face += 2) {
        const [one, other] = [library.personOf(face), library.personOf(face + 1)];
        const isTwin = library.graph.distance(face, face + 1) <= grouping.withinPhoto;
        expect(isTwin || one !== other).toBe(true);
      }
    });
  });

  test('faces of one photo are never one person, unless they are near each other or a correction made them so', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), corrections, async (seed, list) => {
        const library = new TestLibrary();
        // With this spread many faces of different people are within the distance that links them.
        const photos = photosOf(seed, 20, 1.2);
        for (const photo of photos.slice(0, 12)) await library.add(photo);
        for (const correction of list) correct(library, correction);
        for (const photo of photos.slice(12)) await library.add(photo);
        await library.regroup();
        const { columns } = library.state;
        for (let a = 0; a < columns.size; a++) {
          for (let b = 0; b < a; b++) {
            const isFree = !(columns.has(a, flag.kept) && columns.has(b, flag.kept)) && library.personOf(a) > 0;
            const isTwin = library.graph.distance(a, b) <= grouping.withinPhoto;
            if (isFree && !isTwin && columns.photo[a] === columns.photo[b]) {
              expect(library.personOf(a)).not.toBe(library.personOf(b));
            }
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  test('corrections are never violated by new photos and new groupings', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), corrections, async (seed, list) => {
        const photos = photosOf(seed, 20, 0.9);
        const library = new TestLibrary();
        for (const photo of photos.slice(0, 12)) await library.add(photo);
        for (const correction of list) correct(library, correction);
        const { columns, constraints } = library.state;
        const before = library.dump();
        for (const photo of photos.slice(12)) await library.add(photo);
        await library.regroup();
        before.person.forEach((person, face) => {
          if (columns.has(face, flag.kept)) expect(library.personOf(face)).toBe(person);
          if (columns.has(face, flag.notAFace)) expect(library.personOf(face)).toBe(0);
        });
        expect(constraints).toEqual(before.constraints);
        for (const { kind, a, b } of constraints.values()) {
          if (kind === 'not-person') expect(library.personOf(a)).not.toBe(b);
          else expect(columns.facesOf(a).length * columns.facesOf(b).length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('all faces of the people that a correction concerns stay where it leaves them, whatever is added', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), corrections, async (seed, list) => {
        const library = new TestLibrary();
        // With this spread many faces of different people are within the distance that links them.
        const photos = photosOf(seed, 32, 1.1);
        for (const photo of photos.splice(12)) await library.add(photo);
        for (const [kind, x, y] of list) {
          const before = library.dump().person;
          const people = planCorrection(new Edit(library.state), kind, [x % before.length, y % before.length]);
          const corrected = library.dump().person;
          await library.add(photos.pop() as TestFace[]);
          await library.regroup();
          before.forEach((person, face) => {
            const isConcerned = people.includes(person) && corrected[face] !== 0;
            if (isConcerned) expect(library.personOf(face)).toBe(corrected[face]);
          });
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a face that is moved to another person leaves the others of its group behind', async () => {
    const library = new TestLibrary();
    const people = new InventedPeople(3, 2);
    const photos = [0, 0, 0, 0, 1].map((person, photo) => ({ photo, embedding: people.embedding(person) }));
    await library.add(photos);
    const [group, bob] = [library.personOf(0), library.personOf(4)];
    namePerson(new Edit(library.state), bob, 'Bob');
    moveFaces(new Edit(library.state), [2], bob);
    await library.regroup();
    expect([0, 1, 2, 3, 4].map((face) => library.personOf(face))).toEqual([group, group, bob, group, bob]);
  });

  test('undo restores exactly what each correction replaced', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), corrections, async (seed, list) => {
        const library = new TestLibrary();
        for (const photo of photosOf(seed, 12)) await library.add(photo);
        const dumps = [];
        const journals = [];
        for (const correction of list) {
          dumps.push(library.dump());
          journals.push(correct(library, correction).journal(0, 'test'));
        }
        for (const journal of journals.reverse()) {
          undoEdit(library.state, journal);
          expect(library.dump()).toEqual(dumps.pop());
        }
      }),
      { numRuns: 20 },
    );
  });

  test('a face that was said to be of another person joins neither that person nor its new faces', async () => {
    const library = new TestLibrary();
    const people = new InventedPeople(3, 1);
    const faces = await library.add([1, 2, 3, 4].map((photo) => ({ photo, embedding: people.embedding(0) })));
    const person = library.personOf(0);
    const edit = new Edit(library.state);
    await placeFaces(edit, library.graph, refuseFace(edit, faces[3] as number, person), grouping);
    await library.add([{ photo: 5, embedding: people.embedding(0) }]);
    await library.regroup();
    expect(library.personOf(3)).not.toBe(person);
    expect(library.personOf(3)).not.toBe(0);
    expect([0, 1, 2].map((face) => library.personOf(face))).toEqual([person, person, person]);
  });
});

test('a face that was found when its photo was indexed again does not join a person of this photo', async () => {
  const state = new PeopleState(new FaceColumns(), [], [], 1);
  const graph = new FaceGraph(rule.dimension, 'cosine', 0.8);
  // The first and the last face resemble the second one, but not each other.
  const numbers = [-53, 0, 53].map((degrees, order) => {
    const embedding = new Float32Array(rule.dimension);
    embedding[0] = Math.cos((degrees * Math.PI) / 180);
    embedding[1] = Math.sin((degrees * Math.PI) / 180);
    graph.add(embedding);
    return state.columns.append({ photo: order % 2, time: 0, order, person: 0, flags: 0 });
  });
  const grouping = { within: 0.43, withinPhoto: -1 };
  await placeFaces(new Edit(state), graph, numbers.slice(0, 2), grouping);
  await placeFaces(new Edit(state), graph, numbers.slice(2), grouping);
  const [first, second, found] = [...state.columns.person.subarray(0, 3)];
  expect(second).toBe(first);
  expect(found).not.toBe(first);
});

import { describe, expect, test } from 'vitest';
import { formatDuration } from '../../../demo/app/duration.ts';
import { layOut, page, type SheetPerson } from '../../../demo/views/photos/contact-sheet.ts';
import { type AlbumExport, toCsv, toJson } from '../../../demo/views/photos/exports.ts';
import { renameFolders } from '../../../demo/views/photos/folders.ts';
import { selectPhotos } from '../../../demo/views/photos/photo-files.ts';

describe('exports', () => {
  const face = (number: number, photo: string, person?: number, notAFace = false) => ({
    number,
    photo,
    box: { x: 10.4, y: 20.6, width: 30, height: 40 },
    score: 0.98765,
    quality: 0.5,
    person,
    confirmed: false,
    notAFace,
  });
  const photo = (id: string, path: string, faces: number[]) => ({
    ...{ id, path, faces, width: 100, height: 100, time: new Date(0), taken: false, orientation: 1 },
  });
  const album: AlbumExport = {
    photos: [photo('a', 'a.jpg', [0]), photo('b', 'b, c.jpg', [1, 2]), photo('n', 'none.jpg', [])],
    faces: [face(0, 'a', 1), face(1, 'b', 1), face(2, 'b')],
    people: [{ number: 1, name: '=Ada "A"', hidden: false, cover: 0, faces: 2, confirmed: 0, photos: 2 }],
    unreadable: [
      {
        ...{ number: 1, path: 'broken.jpg', size: 1, state: 'failed', attempts: 1 },
        reason: { code: 'image-unreadable', message: 'It is damaged.' },
      },
    ],
  };

  test('JSON lists people with their photos, without embeddings', () => {
    const json = JSON.parse(toJson(album));
    expect(json.people).toEqual([
      {
        id: 1,
        name: '=Ada "A"',
        hidden: false,
        faces: ['a.jpg', 'b, c.jpg'].map((photo) => ({
          photo,
          box: { x: 10, y: 21, width: 30, height: 40 },
          score: 0.988,
          quality: 0.5,
        })),
      },
    ]);
    expect(json.ungrouped).toHaveLength(1);
    expect(json.withoutFace).toEqual(['none.jpg']);
    expect(json.unreadable).toEqual([{ photo: 'broken.jpg', reason: 'It is damaged.' }]);
    expect(toJson(album)).not.toContain('embedding');
  });

  test('JSON of many people reads each face a few times only', () => {
    let reads = 0;
    const faces = Array.from({ length: 300 }, (_, i) => ({
      ...face(i, 'a'),
      get person() {
        reads++;
        return i % 100;
      },
    }));
    const [ada] = album.people as [AlbumExport['people'][number]];
    const people = Array.from({ length: 90 }, (_, i) => ({ ...ada, number: i + 1 }));
    const json = JSON.parse(toJson({ ...album, faces, people }));
    expect(json.people.map(({ faces }: { faces: object[] }) => faces.length)).toEqual(people.map(() => 3));
    expect(json.ungrouped).toHaveLength(30);
    expect(reads).toBeLessThan(5 * faces.length);
  });

  test('CSV quotes special characters and neutralises formulas', () => {
    expect(toCsv(album).split('\r\n')).toEqual([
      'person,name,photo,x,y,width,height,score,quality,hidden',
      '1,"\'=Ada ""A""",a.jpg,10,21,30,40,0.988,0.5,false',
      '1,"\'=Ada ""A""","b, c.jpg",10,21,30,40,0.988,0.5,false',
      ',,"b, c.jpg",10,21,30,40,0.988,0.5,',
      '',
    ]);
  });

  test('hidden people are exported as such, and detections that are no face are not', () => {
    const [ada] = album.people as [AlbumExport['people'][number]];
    const bob = { ...ada, number: 2, name: 'Bob', hidden: true };
    const corrected = {
      ...album,
      photos: [...album.photos, photo('s', 'statue.jpg', [4, 5])],
      faces: [...album.faces, face(3, 'b', 2), face(4, 's', undefined, true), face(5, 's', undefined, true)],
      people: [ada, bob],
    };
    const json = JSON.parse(toJson(corrected));
    const listed = json.people.map(({ name, hidden, faces }: { name: string; hidden: boolean; faces: object[] }) => [
      ...[name, hidden, faces.length],
    ]);
    expect(listed).toEqual([
      ['=Ada "A"', false, 2],
      ['Bob', true, 1],
    ]);
    expect(json.ungrouped).toHaveLength(1);
    expect(json.withoutFace).toEqual(['none.jpg', 'statue.jpg']);
    const rows = toCsv(corrected).trim().split('\r\n').slice(1);
    expect(rows).toHaveLength(4);
    expect(rows[3]).toBe('2,Bob,"b, c.jpg",10,21,30,40,0.988,0.5,true');
  });

  const sheetPerson = (number: number, members: number[], cover = members[0] as number): SheetPerson => ({
    ...{ number, name: '', members, cover, faces: members.length, photos: members.length },
  });

  test('the contact sheet starts each person with the cover and keeps it on one page', () => {
    const people = Array.from({ length: 30 }, (_, i) =>
      sheetPerson(i, [100 * i, 100 * i + 1, 100 * i + 2], 100 * i + 1),
    );
    const { pages, side } = layOut(people);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat().map(({ person }) => person.number)).toEqual(people.map(({ number }) => number));
    expect(pages[0]?.[1]?.faces).toEqual([101, 100, 102]);
    for (const entries of pages) {
      for (const [i, { y }] of entries.entries()) {
        expect(y).toBeGreaterThanOrEqual((entries[i - 1]?.y ?? 0) + 1);
        expect(y + side).toBeLessThan(page.height - page.margin + 40);
      }
    }
    const many = sheetPerson(
      1,
      Array.from({ length: 500 }, (_, i) => i),
    );
    expect(layOut(Array.from({ length: 30 }, () => many)).pages[0]?.[0]?.faces).toHaveLength(20);
  });

  test('the faces of a contact sheet of few people are larger, and still fit on one page', () => {
    const few = layOut([1, 2, 3].map((number) => sheetPerson(number, [number, number + 10])));
    expect(few.pages).toHaveLength(1);
    expect(few.side).toBeGreaterThan(400);
  });
});

describe('queue', () => {
  test('selects files that may be images, in natural order of their paths', () => {
    const files = ['b/img10.jpg', 'b/img9.jpg', 'a/letter.txt', 'a/phone.HEIC'].map(
      (path) =>
        new File([], path, { type: path.endsWith('jpg') ? 'image/jpeg' : path.endsWith('txt') ? 'text/plain' : '' }),
    );
    expect(selectPhotos(files, ({ name }) => name).map(({ path }) => path)).toEqual([
      'a/phone.HEIC',
      'b/img9.jpg',
      'b/img10.jpg',
    ]);
  });

  test('formats durations with rounded units', () => {
    expect(formatDuration(400, 'en')).toBe('1 sec');
    expect(formatDuration(43_000, 'en')).toBe('45 sec');
    expect(formatDuration(150_000, 'en')).toBe('3 min');
    expect(formatDuration(3_900_000, 'en')).toBe('1 hr 5 min');
    expect(formatDuration(150_000, 'ko')).toBe('3분');
  });
});

describe('a chosen folder that has the name of another one', () => {
  const photo = (path: string, size: number) => ({ path, file: new File(['x'.repeat(size)], 'x.jpg') });
  const card = (...sizes: number[]) => sizes.map((size, i) => photo(`DCIM/100/${i}.jpg`, size));
  const sizesOf = (photos: ReturnType<typeof card>) =>
    new Map(photos.map(({ path, file }): [string, number] => [path, file.size]));
  const pathsOf = (photos: ReturnType<typeof card>) => photos.map(({ path }) => path);

  test('gets a name of its own if most of its files have other sizes, and has it when it is chosen again', () => {
    const known = sizesOf(card(1, 2, 3));
    const second = renameFolders(card(1, 5, 6, 7), known);
    expect(pathsOf(second)).toEqual([0, 1, 2, 3].map((i) => `DCIM (2)/100/${i}.jpg`));
    const both = new Map([...known, ...sizesOf(second)]);
    expect(pathsOf(renameFolders(card(1, 5, 6, 7), both))).toEqual(pathsOf(second));
    expect(pathsOf(renameFolders(card(1, 2, 3), both))).toEqual(pathsOf(card(1, 2, 3)));
    expect(pathsOf(renameFolders(card(8, 9), both))[0]).toBe('DCIM (3)/100/0.jpg');
  });

  test('is the same one if a few of its files changed or are new', () => {
    const changed = card(1, 2, 9, 4);
    expect(pathsOf(renameFolders(changed, sizesOf(card(1, 2, 3))))).toEqual(pathsOf(changed));
  });

  test('does not concern files without a folder and other folders', () => {
    const others = [photo('a.jpg', 5), photo('album/a.jpg', 5)];
    const named = renameFolders([...card(5), ...others], new Map([['a.jpg', 1], ...sizesOf(card(1))]));
    expect(pathsOf(named)).toEqual(['DCIM (2)/100/0.jpg', 'a.jpg', 'album/a.jpg']);
  });
});

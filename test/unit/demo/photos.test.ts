import { describe, expect, test } from 'vitest';
import { layOut, page } from '../../../demo/views/photos/contact-sheet.ts';
import type { PhotoFace } from '../../../demo/views/photos/embed-photos.ts';
import { type AlbumExport, toCsv, toJson } from '../../../demo/views/photos/exports.ts';
import {
  emptyGrouping,
  type Group,
  type Grouping,
  merged,
  moved,
  regrouped,
  renamed,
  splitOff,
  toKnownClusters,
} from '../../../demo/views/photos/groups.ts';
import { selectPhotos } from '../../../demo/views/photos/photo-files.ts';
import { formatDuration, RemainingTime } from '../../../demo/views/photos/remaining-time.ts';

const clusters = [
  { members: [0, 2, 4], representative: 2 },
  { members: [1, 5], representative: 1 },
  { members: [3], representative: 3 },
];
const grouping = () => regrouped(emptyGrouping, clusters);
const membersOf = ({ groups }: Grouping) => groups.map(({ members }) => members);
const equalQuality = () => 0.5;

describe('groups of faces', () => {
  test('turns clusters into groups with new ids, the largest first', () => {
    expect(grouping().groups.map(({ id, cover, name }) => [id, cover, name])).toEqual([
      [1, 2, ''],
      [2, 1, ''],
      [3, 3, ''],
    ]);
    expect(grouping().nextId).toBe(4);
  });

  test('a new clustering keeps the id and name of the group with most of a cluster’s faces', () => {
    const named = renamed(renamed(grouping(), 1, 'Ada'), 2, 'Bob');
    const next = regrouped(named, [
      { members: [1, 5, 6, 7], representative: 6 },
      { members: [0, 2], representative: 0 },
      { members: [3, 4], representative: 3 },
    ]);
    expect(next.groups.map(({ id, name, members }) => [id, name, members])).toEqual([
      [2, 'Bob', [1, 5, 6, 7]],
      [1, 'Ada', [0, 2]],
      [3, '', [3, 4]],
    ]);
  });

  test('only one cluster takes over a group’s id and name', () => {
    const next = regrouped(renamed(grouping(), 1, 'Ada'), [
      { members: [0, 2], representative: 0 },
      { members: [4], representative: 4 },
    ]);
    expect(next.groups.map(({ id, name }) => [id, name])).toEqual([
      [1, 'Ada'],
      [4, ''],
    ]);
  });

  test('merging keeps the id of the largest group, and a name if any group has one', () => {
    const next = merged(renamed(grouping(), 2, 'Bob'), [1, 2]);
    expect(next.groups[0]).toEqual({ id: 1, name: 'Bob', members: [0, 1, 2, 4, 5], cover: 2 });
    expect(next.groups).toHaveLength(2);
    const unchanged = grouping();
    expect(merged(unchanged, [1])).toBe(unchanged);
    expect(merged(unchanged, [1, 99])).toBe(unchanged);
  });

  test('splitting removes faces from their groups, replaces lost covers and removes empty groups', () => {
    const quality = (face: number) => [0.2, 0.9, 0.3, 0.4, 0.8, 0.1][face] ?? 0;
    const next = splitOff(grouping(), [2, 3], quality);
    expect(next.groups.map(({ id, members, cover }) => [id, members, cover])).toEqual([
      [1, [0, 4], 4],
      [2, [1, 5], 1],
      [4, [2, 3], 3],
    ]);
    expect(next.nextId).toBe(5);
  });

  test('moves grouped and ungrouped faces into a group', () => {
    expect(membersOf(moved(grouping(), [3, 7], 2, equalQuality))).toEqual([
      [1, 3, 5, 7],
      [0, 2, 4],
    ]);
    const unchanged = grouping();
    expect(moved(unchanged, [1], 2, equalQuality)).toBe(unchanged);
    expect(moved(unchanged, [1], 99, equalQuality)).toBe(unchanged);
  });

  test('toKnownClusters puts the grouped faces first, each once', () => {
    const { order, known } = toKnownClusters(grouping(), [0, 1, 2, 3, 4, 5, 6]);
    expect(order).toEqual([0, 2, 4, 1, 5, 3, 6]);
    expect(known.map(({ members }) => members)).toEqual([[0, 1, 2], [3, 4], [5]]);
    expect(known.map(({ representative }) => order[representative])).toEqual([2, 1, 3]);
  });
});

describe('exports', () => {
  const face = (photo: number): PhotoFace => ({
    photo,
    box: { x: 10.4, y: 20.6, width: 30, height: 40 },
    score: 0.98765,
    quality: { overall: 0.5 },
    embedding: Float32Array.of(1),
    model: 'm',
    crop: new Blob(),
  });
  const album: AlbumExport = {
    photos: ['a.jpg', 'b, c.jpg', 'none.jpg', 'broken.jpg'].map((path) => ({ path, file: new File([], path) })),
    faces: [face(0), face(1), face(1)],
    groups: [{ id: 1, name: '=Ada "A"', members: [0, 1], cover: 0 }],
    unreadable: new Map([[3, 'image-unreadable']]),
  };

  test('JSON lists people with their photos, without embeddings', () => {
    const json = JSON.parse(toJson(album));
    expect(json.people).toEqual([
      {
        id: 1,
        name: '=Ada "A"',
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
    expect(json.unreadable).toEqual([{ photo: 'broken.jpg', reason: 'image-unreadable' }]);
    expect(toJson(album)).not.toContain('embedding');
  });

  test('CSV quotes special characters and neutralises formulas', () => {
    expect(toCsv(album).split('\r\n')).toEqual([
      'person,name,photo,x,y,width,height,score,quality',
      '1,"\'=Ada ""A""",a.jpg,10,21,30,40,0.988,0.5',
      '1,"\'=Ada ""A""","b, c.jpg",10,21,30,40,0.988,0.5',
      ',,"b, c.jpg",10,21,30,40,0.988,0.5',
      '',
    ]);
  });

  test('the contact sheet starts each group with its cover and keeps it on one page', () => {
    const groups: Group[] = Array.from({ length: 30 }, (_, i) => ({
      id: i,
      name: '',
      members: [100 * i, 100 * i + 1, 100 * i + 2],
      cover: 100 * i + 1,
    }));
    const pages = layOut(groups);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat().map(({ group }) => group.id)).toEqual(groups.map(({ id }) => id));
    expect(pages[0]?.[1]?.faces).toEqual([101, 100, 102]);
    for (const entries of pages) {
      for (const [i, { y }] of entries.entries()) {
        expect(y).toBeGreaterThanOrEqual((entries[i - 1]?.y ?? 0) + 1);
        expect(y + 200).toBeLessThan(page.height - page.margin + 40);
      }
    }
    expect(
      layOut([{ id: 1, name: '', members: Array.from({ length: 500 }, (_, i) => i), cover: 0 }])[0]?.[0]?.faces,
    ).toHaveLength(20);
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

  test('estimates the remaining time from recent photos, once two are done', () => {
    const remaining = new RemainingTime();
    remaining.add(10_000);
    expect(remaining.estimate(5)).toBeUndefined();
    for (let i = 0; i < 20; i++) remaining.add(100);
    expect(remaining.estimate(50)).toBe(5000);
  });

  test('formats durations with rounded units', () => {
    expect(formatDuration(400, 'en')).toBe('1 sec');
    expect(formatDuration(43_000, 'en')).toBe('45 sec');
    expect(formatDuration(150_000, 'en')).toBe('3 min');
    expect(formatDuration(3_900_000, 'en')).toBe('1 hr 5 min');
    expect(formatDuration(150_000, 'ko')).toBe('3분');
  });
});

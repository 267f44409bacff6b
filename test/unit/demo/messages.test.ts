import { describe, expect, test } from 'vitest';
import * as app from '../../../demo/app/messages.ts';
import * as person from '../../../demo/app/person-messages.ts';
import * as compare from '../../../demo/views/compare/messages.ts';
import * as gallery from '../../../demo/views/gallery/messages.ts';
import * as lab from '../../../demo/views/lab/messages.ts';
import * as originals from '../../../demo/views/lab/original-messages.ts';
import * as live from '../../../demo/views/live/messages.ts';
import * as photos from '../../../demo/views/photos/messages.ts';

const modules = { app, person, compare, gallery, lab, originals, live, photos };

/** Every text of a language by its path, with each function as its number of parameters. */
function textsOf(messages: object, path = ''): [path: string, text: string | number][] {
  return Object.entries(messages).flatMap(([key, value]) => {
    if (typeof value === 'function') return [[`${path}${key}`, value.length] as [string, number]];
    return typeof value === 'string'
      ? [[`${path}${key}`, value] as [string, string]]
      : textsOf(value, `${path}${key}.`);
  });
}

describe.each(Object.entries(modules))('the messages of %s', (_, { en, ko }) => {
  test('have the same keys, with the same parameters, in both languages', () => {
    const shapeOf = (messages: object) => textsOf(messages).map(([path, text]) => [path, typeof text]);
    expect(shapeOf(ko)).toEqual(shapeOf(en));
    const parametersOf = (messages: object) => textsOf(messages).filter(([, text]) => typeof text === 'number');
    for (const [path, count] of parametersOf(ko)) {
      expect(count, path).toBeLessThanOrEqual(Number(parametersOf(en).find(([other]) => other === path)?.[1]));
    }
  });

  test('are not empty, and have no spaces at their ends', () => {
    for (const [path, text] of [...textsOf(en), ...textsOf(ko)]) {
      if (typeof text === 'string') expect(text, path).toMatch(/^\S(.*\S)?$/s);
    }
  });
});

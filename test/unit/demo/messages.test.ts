import { expect, test } from 'vitest';
import * as app from '../../../demo/app/messages.ts';
import * as person from '../../../demo/app/person-messages.ts';
import * as compare from '../../../demo/views/compare/messages.ts';
import * as gallery from '../../../demo/views/gallery/messages.ts';
import * as lab from '../../../demo/views/lab/messages.ts';
import * as originals from '../../../demo/views/lab/original-messages.ts';
import * as live from '../../../demo/views/live/messages.ts';
import * as photos from '../../../demo/views/photos/messages.ts';

const modules = { app, person, compare, gallery, lab, originals, live, photos };

/** Every text of a language by its path. The compiler checks that both languages have the same. */
function textsOf(messages: object, path = ''): [path: string, text: string][] {
  return Object.entries(messages).flatMap(([key, value]) => {
    if (typeof value === 'function') return [];
    return typeof value === 'string'
      ? [[`${path}${key}`, value] as [string, string]]
      : textsOf(value, `${path}${key}.`);
  });
}

test.each(Object.entries(modules))(
  'the messages of %s are not empty, and have no spaces at their ends',
  (_, { en, ko }) => {
    for (const [path, text] of [...textsOf(en), ...textsOf(ko)]) expect(text, path).toMatch(/^\S(.*\S)?$/s);
  },
);

import { expect, test } from 'vitest';
import { withParticle } from '../../../demo/app/korean-particles.ts';

test.each([
  ['지우', '을/를', '지우를'],
  ['지훈', '을/를', '지훈을'],
  ['지우', '은/는', '지우는'],
  ['지훈', '이/가', '지훈이'],
  ['지훈', '과/와', '지훈과'],
  ['지우', '으로/로', '지우로'],
  ['지훈', '으로/로', '지훈으로'],
  // ㄹ takes the form after a vowel of this particle only.
  ['한결', '으로/로', '한결로'],
  ['한결', '을/를', '한결을'],
  ['지우 (엄마)', '을/를', '지우 (엄마)를'],
  ['지훈!', '을/를', '지훈!을'],
] as const)('%s with %s is %s', (word, particle, expected) => {
  expect(withParticle(word, particle)).toBe(expected);
});

test('the last digit of a number decides', () => {
  const numbers = Array.from({ length: 11 }, (_, i) => `사람 ${i}`);
  // 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구, 십
  expect(numbers.map((word) => withParticle(word, '을/를').slice(-1)).join('')).toBe('을을를을를를을을을를을');
  expect(numbers.map((word) => withParticle(word, '으로/로').replace(/^.*\d/, ''))).toEqual([
    ...['으로', '로', '로', '으로', '로', '로', '으로', '로', '로', '로', '으로'],
  ]);
});

test.each(['Ada', 'Bob', '李', '😀', ''])('both forms follow %o, whose pronunciation is unknown', (word) => {
  expect(withParticle(word, '을/를')).toBe(`${word}을(를)`);
  expect(withParticle(word, '으로/로')).toBe(`${word}(으)로`);
});

/** A Korean particle: its form after a final consonant, and its form after a vowel. */
export type Particle = '은/는' | '이/가' | '을/를' | '과/와' | '으로/로';

/** The forms that are written where the pronunciation of the word is unknown. */
const undecided: Readonly<Record<Particle, string>> = {
  '은/는': '은(는)',
  '이/가': '이(가)',
  '을/를': '을(를)',
  '과/와': '과(와)',
  '으로/로': '(으)로',
};

/** The first Hangul syllable, and the number of final consonants, including none. */
const firstSyllable = 0xac00;
const finals = 28;

/** The index of ㄹ among the final consonants. */
const rieul = 8;

/** The index of the final consonant of the Korean word for each digit. Numbers that end in 0 end in a consonant other than ㄹ. */
const digitFinals = [21, rieul, 0, 16, 0, 0, 1, rieul, rieul, 0];

/**
 * A word with a particle in the form that its last sound requires.
 *
 * @example
 * withParticle('지우', '을/를'); // '지우를'
 * withParticle('사람 1', '으로/로'); // '사람 1로'
 * withParticle('Ada', '을/를'); // 'Ada을(를)': the pronunciation of Latin letters is unknown
 */
export function withParticle(word: string, particle: Particle): string {
  const final = finalConsonant(word);
  if (final === undefined) return word + undecided[particle];
  const [afterConsonant, afterVowel] = particle.split('/') as [string, string];
  const usesVowelForm = final === 0 || (particle === '으로/로' && final === rieul);
  return word + (usesVowelForm ? afterVowel : afterConsonant);
}

/** The index of the final consonant of the last letter or digit; 0 for none. Undefined if the pronunciation is unknown. */
function finalConsonant(word: string): number | undefined {
  const last = word.match(/[\p{Letter}\p{Number}](?=[^\p{Letter}\p{Number}]*$)/u)?.[0] ?? '';
  if (/[가-힣]/.test(last)) return (last.charCodeAt(0) - firstSyllable) % finals;
  return /\d/.test(last) ? digitFinals[Number(last)] : undefined;
}

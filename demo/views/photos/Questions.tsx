import type { Question } from 'facenet-web/library';
import { localized } from '../../app/language.ts';
import { Button } from '../../ui/Button.tsx';
import { people, questions } from './album.ts';
import { answerQuestion } from './corrections.ts';
import { LibraryCrop } from './LibraryCrop.tsx';
import { en, ko } from './messages.ts';
import { personLabel } from './person-label.ts';
import { percent } from './Suggestion.tsx';

/** Asks whether two people are the same, the question whose answer settles most first. */
export function Questions() {
  const t = localized({ en, ko });
  const [question] = questions.value;
  if (!question) return null;
  const more = questions.value.length - 1;
  return (
    <section class="questions" aria-labelledby="questions-title">
      <h2 id="questions-title">{t.questions}</h2>
      <p class="small muted">{t.questionsText}</p>
      <div class="question-card">
        <div class="question-sides">
          {[0, 1].map((side) => (
            <Side key={side} question={question} side={side as 0 | 1} />
          ))}
        </div>
        <p>{t.samePerson(percent(question.probability))}</p>
        <div class="actions">
          <Button kind="primary" onClick={() => void answerQuestion(question, 'same', t)}>
            {t.same}
          </Button>
          <Button onClick={() => void answerQuestion(question, 'different', t)}>{t.different}</Button>
          <Button kind="quiet" onClick={() => void answerQuestion(question, 'unsure', t)}>
            {t.unsure}
          </Button>
        </div>
        {more > 0 && <p class="small muted">{t.moreQuestions(more)}</p>}
      </div>
    </section>
  );
}

function Side({ question, side }: { question: Question; side: 0 | 1 }) {
  const t = localized({ en, ko });
  const number = question.people[side];
  const person = people.value.find((one) => one.number === number);
  return (
    <figure>
      <figcaption>{person ? personLabel(person, t) : t.person(number)}</figcaption>
      <div class="question-faces">
        {question.faces[side].map((face) => (
          <LibraryCrop key={face} face={face} />
        ))}
      </div>
    </figure>
  );
}

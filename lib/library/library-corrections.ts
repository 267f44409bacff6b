import { abortableUntilCommit } from '../core/cancellation.ts';
import { checkedOptions } from '../core/checked-options.ts';
import { FaceNetError } from '../core/errors.ts';
import type { Abortable } from '../core/types.ts';
import { LibraryQueries } from './library-queries.ts';
import type { Question } from './model/types.ts';
import {
  chooseCover,
  confirmPerson,
  hidePerson,
  leaveUndecided,
  mergePeople,
  moveFaces,
  namePerson,
  refuseFace,
  refuseName,
  rejectFaces,
  separatePeople,
  splitFaces,
} from './people/corrections.ts';
import type { Edit } from './people/edit.ts';
import { placeFaces } from './people/grouping.ts';
import { requireQuestion, requireShownFaces } from './people/questions.ts';

/**
 * The corrections of a user. {@link Library} extends it.
 *
 * A correction confirms the faces of the people that it concerns, also of those whose faces it moves: they stay together until
 * another correction moves them, however many photos are added. New faces may join them. Only {@link notAFace} confirms none.
 *
 * @example
 * const [first, second] = library.people().items;
 * const person = await library.merge(first.number, second.number);
 * await library.name(person, 'Ada');
 * await library.undo(); // takes the name back
 */
export class LibraryCorrections extends LibraryQueries {
  /**
   * Makes one person of several. The named one with the most faces gives its name and number.
   *
   * @param people the numbers of at least two people.
   * @returns the number of the person that remains.
   *
   * @example
   * const [first, second] = library.people().items;
   * const person = await library.merge(first.number, second.number);
   * show(library.person(person).faces);
   */
  merge(...people: number[]): Promise<number> {
    return this.session.correct('merge', (edit) => mergePeople(edit, people));
  }

  /**
   * Makes a new person of faces, who is not the person that they were in.
   *
   * @param faces the numbers of at least one face.
   * @returns the number of the new person.
   *
   * @example
   * const [first] = library.people().items;
   * const [face] = library.facesOf(first.number);
   * const person = await library.split(face);
   * show(person);
   */
  split(...faces: number[]): Promise<number> {
    return this.session.correct('split', (edit) => splitFaces(edit, faces));
  }

  /**
   * Moves faces to a person. The people that they were in keep their other faces.
   *
   * @param faces the numbers of at least one face.
   * @param person the number of the person.
   *
   * @example
   * const [first, second] = library.people().items;
   * await library.move(library.facesOf(second.number), first.number);
   */
  move(faces: readonly number[], person: number): Promise<void> {
    return this.session.correct('move', (edit) => moveFaces(edit, faces, person));
  }

  /**
   * States that a face is not of a person. It is grouped with other faces.
   *
   * @param face the number of the face.
   * @param person the number of the person.
   * @param options a signal that cancels the call.
   *
   * @example
   * const [first] = library.people().items;
   * await library.notSame(first.cover, first.number);
   */
  async notSame(face: number, person: number, options: Abortable = {}): Promise<void> {
    const { signal } = checkedOptions(options);
    const { session } = this;
    const refuse = async (edit: Edit, onStart: () => void): Promise<boolean> => {
      signal?.throwIfAborted();
      const isMember = session.state.columns.person[face] === person;
      if (isMember && !session.isGraphLoaded) return false;
      onStart();
      // Extended before, so that a part of the change is not visible meanwhile.
      const graph = isMember ? await session.graph(signal) : undefined;
      const faces = refuseFace(edit, face, person);
      if (graph) await placeFaces(edit, graph, faces, session.grouping, signal);
      return true;
    };
    const wait = (onStart: () => void) =>
      session.untilGraphIsLoaded(() => session.correct('notSame', (edit) => refuse(edit, onStart)), signal);
    // An abort also ends the wait for another change, such as a grouping.
    await abortableUntilCommit(wait, signal);
  }

  /**
   * States that all faces of a person are of this person.
   *
   * @param person the number of the person.
   *
   * @example
   * const [first] = library.people().items;
   * await library.confirm(first.number);
   */
  confirm(person: number): Promise<void> {
    return this.session.correct('confirm', (edit) => confirmPerson(edit, person));
  }

  /**
   * Names a person, and confirms its faces.
   *
   * @param person the number of the person.
   * @param name the name. Spaces around it are removed; an empty text removes the person's name. Several people may have one name.
   *
   * @example
   * const [first] = library.people().items;
   * await library.name(first.number, 'Ada');
   */
  async name(person: number, name: string): Promise<void> {
    requireText(name);
    return this.session.correct('name', (edit) => namePerson(edit, person, name.trim()));
  }

  /**
   * States that a person does not have a name, so that it is not suggested again.
   *
   * @param person the number of the person.
   * @param name the name, as {@link LibraryQueries.suggestNames} returned it.
   *
   * @example
   * const [suggestion] = await library.suggestNames(gallery);
   * if (suggestion) await library.refuseName(suggestion.person, suggestion.name);
   */
  async refuseName(person: number, name: string): Promise<void> {
    requireText(name);
    return this.session.correct('refuseName', (edit) => refuseName(edit, person, name));
  }

  /**
   * Hides a person from {@link LibraryQueries.people} and from questions, or shows it again.
   *
   * @param person the number of the person.
   * @param hidden `false` shows the person again. Default: `true`.
   *
   * @example
   * const [first] = library.people().items;
   * await library.hide(first.number);
   * show(library.people({ hidden: true }).items);
   */
  async hide(person: number, hidden = true): Promise<void> {
    if (typeof hidden !== 'boolean')
      throw new FaceNetError('option-invalid', `hidden is ${hidden}: use true, or false to show the person again.`);
    return this.session.correct(hidden ? 'hide' : 'show', (edit) => hidePerson(edit, person, hidden));
  }

  /**
   * Marks detections that are not faces. They belong to no person.
   *
   * @param faces the numbers of at least one detection.
   *
   * @example
   * const [first] = library.people().items;
   * await library.notAFace(first.cover);
   */
  notAFace(...faces: number[]): Promise<void> {
    return this.session.correct('notAFace', (edit) => rejectFaces(edit, faces));
  }

  /**
   * Chooses the face that represents a person, and confirms its faces.
   *
   * @param person the number of the person.
   * @param face the number of one of the person's faces.
   * @throws {FaceNetError} `option-invalid` for a face of another person.
   *
   * @example
   * const [first] = library.people().items;
   * const [face] = library.facesOf(first.number);
   * await library.setCover(first.number, face);
   */
  setCover(person: number, face: number): Promise<void> {
    return this.session.correct('setCover', (edit) => chooseCover(edit, person, face));
  }

  /**
   * Answers a question of {@link LibraryQueries.nextQuestion}.
   *
   * @param question the question. Its `faces` are those that the user saw; they may be empty.
   * @param answer `same` merges both people, `different` keeps them apart, and `unsure` stops the library from asking again.
   *   All of them confirm the faces of both.
   * @throws {FaceNetError} `library-unknown` if a person is gone, or a face is not of its person any more, because people were
   *   corrected or grouped since: ask again; `option-invalid` for what is no question or no answer.
   *
   * @example
   * const question = await library.nextQuestion();
   * if (question) await library.answer(question, 'unsure');
   */
  async answer(question: Question, answer: 'same' | 'different' | 'unsure'): Promise<void> {
    requireQuestion(question);
    const [a, b] = question.people;
    await this.session.correct(`answer ${answer}`, (edit) => {
      requireShownFaces(edit.state, question);
      if (answer === 'same') mergePeople(edit, [a, b]);
      else if (answer === 'different') separatePeople(edit, a, b);
      else if (answer === 'unsure') leaveUndecided(edit, a, b);
      else throw new FaceNetError('option-invalid', `The answer is "${answer}": use "same", "different" or "unsure".`);
    });
  }

  /**
   * Undoes the last correction that is not undone, up to 50, also after a reload. Faces that were added since keep their people.
   *
   * @returns the name of the method that made the correction; undefined if there is none.
   *
   * @example
   * const [first] = library.people().items;
   * await library.name(first.number, 'Ada');
   * show(await library.undo()); // 'name'
   */
  undo(): Promise<string | undefined> {
    return this.session.undo();
  }

  /**
   * The name of the method whose change {@link undo} undoes.
   *
   * @example
   * show((await library.undoable()) ?? 'There is nothing to undo.');
   */
  async undoable(): Promise<string | undefined> {
    this.session.requireOpen();
    return (await this.session.lastChange())?.change;
  }
}

function requireText(name: string): void {
  if (typeof name !== 'string')
    throw new FaceNetError('option-invalid', 'name is not a text: pass the name of the person.');
}

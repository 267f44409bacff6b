import { en } from './messages.ts';

/** What goes wrong in the demo itself, by its key among the messages, so that it is told in the language in use. */
export class DemoError extends Error {
  readonly problem: keyof typeof en.problems;

  constructor(problem: keyof typeof en.problems, options?: ErrorOptions) {
    super(en.problems[problem], options);
    this.problem = problem;
  }
}

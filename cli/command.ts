/** A subcommand of `npx facenet-web`. */
export interface Command {
  /** The text that `npx facenet-web NAME --help` prints. */
  usage: string;
  /**
   * Runs the command.
   *
   * @param args the arguments after the subcommand's name.
   * @throws {UsageError} for invalid arguments; {FaceNetError} or {Error} when the command fails.
   */
  run(args: string[]): Promise<void>;
}

/** Invalid arguments: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Runs an argument parser and turns its errors into a {@link UsageError}. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A subcommand of `npx facenet-web`. */
export interface Command {
  /** What `npx facenet-web NAME --help` prints. */
  usage: string;
  /**
   * Does the work.
   *
   * @param args what stands behind the subcommand's name.
   * @throws {UsageError} for arguments that it does not know; {@link FaceNetError} for what goes wrong.
   */
  run(args: string[]): Promise<void>;
}

/** The command line is not one that this command understands: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Runs `read`, which parses arguments; what it complains of is the caller's use of the command. */
export function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
